# ToDayGAN (Anoosheh et al., ICRA 2019): an encoder and a decoder for each domain, discriminators with three views and
# instance norm, relativistic least squares over progressively weighted scales, cycles (smooth L1 x 10).
model = dict(
    type='CycleTranslator',
    domains=('day', 'thermal'),
    generator=dict(
        type='SplitGenerator',
        encoder=dict(type='ResNetEncoder'),
        decoder=dict(type='ResNetDecoder', up_norm='instance')),
    discriminator=dict(type='ThreeViewDiscriminator', norm='instance', spectral=False),
    turns=[('generator',), ('discriminator',)],
    losses=[
        dict(type='AdversarialLoss', mode='relativistic_lsgan', scale_reduction='progressive',
             reads=dict(real='real_*', fake='fake_*'), pool=50, discriminator_weight=0.5),
        dict(type='PixelLoss', kind='smooth_l1', reads=dict(pred='rec_*', target='real_*'), weight=10.0,
             name='loss_cycle'),
    ],
    data_preprocessor=dict(type='TranslationDataPreprocessor'))
# Both domains are drawn with replacement, as the authors' data sets do; a config of this method says so to its data:
# train_dataloader = dict(dataset=dict(pairing=_base_.pairing)).
pairing = dict(type='IndependentPairing')
