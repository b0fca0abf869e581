# CUT (Park et al., ECCV 2020) as its code trains it: LSGAN + PatchNCE of the translation + PatchNCE of the identity,
# the latter two halved; blur pooling; Xavier initialisation with gain 0.02; the discriminator steps first. A config
# states its own domains=(source, target).
xavier_init = dict(type='Xavier', distribution='normal', gain=0.02, layer=['Conv2d', 'ConvTranspose2d', 'Linear'])
model = dict(
    type='ContrastiveTranslator',
    domains=('thermal', 'day'),
    generator=dict(type='ResNetGenerator', antialias_down=True, antialias_up=True, init_cfg=xavier_init),
    discriminator=dict(type='PatchDiscriminator', antialias=True, init_cfg=xavier_init),
    sampler=dict(type='PatchSampler', width=256, num_patches=256, init_cfg=xavier_init),
    taps=('image', 'down1', 'down2', 'block1', 'block5'),
    turns=[('discriminator',), ('generator',)],
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'), discriminator_weight=0.5),
        dict(type='PatchNCELoss', temperature=0.07, reads=dict(query='query_*', key='key_*'), weight=0.5),
        dict(type='PatchNCELoss', temperature=0.07, reads=dict(query='query_idt_*', key='key_idt_*'), weight=0.5,
             name='loss_identity_nce'),
    ],
    data_preprocessor=dict(type='TranslationDataPreprocessor'))
