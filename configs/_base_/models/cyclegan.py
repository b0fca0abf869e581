# CycleGAN (Zhu et al., ICCV 2017): least squares on 70x70 patches, cycles (L1 x 10) and identities (L1 x 5).
# Two ResNet generators of 9 blocks; fakes of a pool of 50; generators step first.
model = dict(
    type='CycleTranslator',
    domains=('day', 'thermal'),
    generator=dict(type='ResNetGenerator'),
    discriminator=dict(type='PatchDiscriminator'),
    turns=[('generator',), ('discriminator',)],
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'), pool=50,
             discriminator_weight=0.5),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='rec_*', target='real_*'), weight=10.0, name='loss_cycle'),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='idt_*', target='real_*'), weight=5.0, name='loss_identity'),
    ],
    data_preprocessor=dict(type='TranslationDataPreprocessor'))
