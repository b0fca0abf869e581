# N2D-LPNet as the paper has it: squared error to the night input + 0.1 * LSGAN over three scales.
# The paper works in [0, 1] and nightgen in [-1, 1]: a squared error is four times as large here, hence the weight 0.25.
model = dict(
    type='OneSidedTranslator',
    domains=('night', 'day'),
    generator=dict(type='N2DLPNet', pyramid=dict(type='LaplacianPyramid', num_levels=3)),
    discriminator=dict(type='MultiScalePatchDiscriminator'),
    turns=[('generator',), ('discriminator',)],
    losses=[
        dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_day', target='real_night'), weight=0.25,
             name='loss_reconstruction'),
        dict(type='AdversarialLoss', mode='lsgan', scale_reduction='sum', reads=dict(real='real_*', fake='fake_*'),
             weight=0.1, discriminator_weight=0.5),
    ],
    data_preprocessor=dict(type='TranslationDataPreprocessor'))
