# F-LSeSim with fixed features (Zheng, Cham, Cai, CVPR 2021; FSeSim in the paper): CUT's networks, LSGAN with a pool of
# 50, and 10 times the difference of self-similarities in VGG-16's relu3_1 and relu4_1. The discriminator steps first.
# VGG-16 is torchvision's ImageNet file, read when training begins.
_base_ = 'cut.py'
model = dict(
    _delete_=True,
    type='OneSidedTranslator',
    domains=('night', 'day'),
    generator=_base_.model.generator,
    discriminator=_base_.model.discriminator,
    turns=[('discriminator',), ('generator',)],
    tensors=[
        dict(
            type='FeatureMaps',
            network=dict(
                type='VGGFeatures', depth=16, layers=('relu3_1', 'relu4_1'),
                weights='checkpoints/vgg16-397923af.pth', sha256='397923af'),
            name=('fake_features', 'source_features'),
            reads=dict(fake='fake_day', source='real_night'))],
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'), pool=50,
             discriminator_weight=0.5),
        dict(type='SpatiallyCorrelativeLoss', mode='cos', num_patches=256, patch_size=32, weight=10.0,
             reads=dict(fake='fake_features', source='source_features')),
    ],
    data_preprocessor=dict(type='TranslationDataPreprocessor'))
