# As dataloaders.py, for pictures of any size that are squeezed to 286x286 and cropped to 256x256, as CycleGAN, CUT and
# F-LSeSim load theirs; translated at 256x256.
_base_ = 'dataloaders.py'
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadBeside'),
    dict(type='ResizeImages', size=286),
    dict(type='RandomCropImages', crop_size=_base_.crop_size),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
test_pipeline = [dict(type='LoadImage'), dict(type='ResizeImages', size=256), dict(type='PackTranslationInputs')]
