# DiCo (arXiv 2307.05038): five colour invariants with a learnt scale and mixture, CUT's generator and discriminator;
# LSGAN, the background of the translation near the daytime reference in VGG-16's relu3_1 and relu4_1, contrast of
# foreground features between night and translation. All weights 1; the discriminator steps first, without a half.
# VGG-16 is torchvision's ImageNet file, read when training begins. Where the paper is silent: specs of CUT and F-LSeSim
# (docs/dico.md).
xavier_init = dict(type='Xavier', distribution='normal', gain=0.02, layer=['Conv2d', 'ConvTranspose2d', 'Linear'])
model = dict(
    type='OneSidedTranslator',
    domains=('night', 'day'),
    inputs=('reference_day',),
    generator=dict(
        type='InvariantGenerator',
        invariant=dict(type='LearnableColorInvariant', invariants='EWCNH', out_channels=5, mix='matrix', post='log_in'),
        generator=dict(type='ResNetGenerator', antialias_down=True, antialias_up=True, init_cfg=xavier_init)),
    discriminator=dict(type='PatchDiscriminator', antialias=True, init_cfg=xavier_init),
    turns=[('discriminator',), ('generator',)],
    tensors=[
        dict(
            type='FeatureMaps',
            network=dict(
                type='VGGFeatures', depth=16, layers=('relu3_1', 'relu4_1'),
                weights='checkpoints/vgg16-397923af.pth', sha256='397923af'),
            name=('fake_features', 'source_features', 'reference_features'),
            reads=dict(fake='fake_day', source='real_night', reference='reference_day'))],
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*')),
        dict(type='BackgroundRegressionLoss', reduction='mean', threshold=0.5,
             reads=dict(fake='fake_features', reference='reference_features')),
        dict(type='ForegroundContrastLoss', mode='infonce_fg', temperature=0.07, num_patches=256, threshold=0.5,
             reads=dict(fake='fake_features', source='source_features', reference='reference_features')),
    ],
    data_preprocessor=dict(type='TranslationDataPreprocessor'))
