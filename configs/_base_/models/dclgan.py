# DCLGAN (Han et al., CVPRW 2021) as its code trains it: two-sided CUT without its image tap. Halves of LSGAN and of L1
# identities, PatchNCE of both directions (weight 2, halved); the discriminators step first.
_base_ = 'cut.py'
model = dict(
    _delete_=True,
    type='DualContrastiveTranslator',
    domains=('night', 'day'),
    generator=_base_.model.generator,
    discriminator=_base_.model.discriminator,
    sampler=_base_.model.sampler,
    taps=('down1', 'down2', 'block1', 'block5'),
    turns=[('discriminator',), ('generator',)],
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'), weight=0.5,
             discriminator_weight=0.5),
        dict(type='PatchNCELoss', temperature=0.07, reads=dict(query='query_*', key='key_*')),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='idt_*', target='real_*'), weight=0.5, name='loss_identity'),
    ],
    data_preprocessor=dict(type='TranslationDataPreprocessor'))
