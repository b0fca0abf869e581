# GcGAN (Fu et al., CVPR 2019) as its code trains it: least squares on 70x70 patches, of images and of turned ones;
# an image turned and translated is the image translated and turned (L1 x 20); identities of both (L1 x 5); fakes of
# pools of 50; Xavier initialisation with gain 0.02; the generator steps first. A config states its own
# domains=(source, target). The code takes either side of the first L1 as a constant in turn and adds both; one term
# without constants has the same gradient.
xavier_init = dict(type='Xavier', distribution='normal', gain=0.02, layer=['Conv2d', 'ConvTranspose2d'])
model = dict(
    type='GeometryConsistentTranslator',
    domains=('thermal', 'day'),
    geometry='rotate',
    generator=dict(type='ResNetGenerator', init_cfg=xavier_init),
    discriminator=dict(type='PatchDiscriminator', init_cfg=xavier_init),
    turns=[('generator',), ('discriminator',)],
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'), pool=50,
             discriminator_weight=0.5),
        dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='turned_real_*', fake='fake_turned_*'), pool=50,
             discriminator_weight=0.5, discriminator='turned', name='loss_adversarial_turned'),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_turned_*', target='turned_fake_*'), weight=20.0,
             name='loss_geometry'),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='idt_*', target='real_*'), weight=5.0, name='loss_identity'),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='idt_turned_*', target='turned_real_*'), weight=5.0,
             name='loss_identity_turned'),
    ],
    data_preprocessor=dict(type='TranslationDataPreprocessor'))
