# ImageNet as any other folder of photos, data/imagenet/{train,val}: to train, the short side brought to 256 and crops
# of 176 with flips, as Zhang 2016; 256x256 whole to validate and test.
_base_ = 'photo_folders_colorization.py'
data_root = 'data/imagenet'
crop_size = 176
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='ResizeImages', short_side=256),
    dict(type='RandomCropImages', crop_size=crop_size),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='ResizeImages', size=256),
    dict(type='PackTranslationInputs')]

train_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root, pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root, pipeline=test_pipeline)))
test_dataloader = val_dataloader

made_with = dict(
    data_root=data_root, crop_size=crop_size, train_pipeline=train_pipeline, test_pipeline=test_pipeline)
