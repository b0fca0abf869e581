# Colour photos of any size: <data_root>/{train,val}, sub-folders included. Brought to 128x128 whole for the networks;
# translating joins the chroma with a photo's own lightness at its own size.
_base_ = '../dataloaders.py'
data_root = 'data/photos'
crop_size = 128
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='ResizeImages', short_side=144),
    dict(type='RandomCropImages', crop_size=crop_size),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='ResizeImages', size=crop_size),
    dict(type='PackTranslationInputs')]

train_dataloader = dict(
    dataset=dict(
        type='ColorizationDataset',
        truth=False,
        dataset=dict(
            type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='train'), pipeline=train_pipeline)))

val_dataloader = dict(
    dataset=dict(
        type='ColorizationDataset',
        dataset=dict(
            type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='val'), test_mode=True,
            pipeline=test_pipeline)))
test_dataloader = val_dataloader

made_with = dict(
    data_root=data_root, crop_size=crop_size, train_pipeline=train_pipeline, test_pipeline=test_pipeline)
