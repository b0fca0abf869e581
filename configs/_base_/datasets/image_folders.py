# Your own pictures: <data_root>/train/night, train/day and test/night; any file names, any size of at least the crop.
_base_ = '../dataloaders.py'
data_root = 'data/my_images'

train_dataloader = dict(
    dataset=dict(
        type='UnpairedDataset',
        night=dict(
            type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='train/night'), domain='night',
            pipeline=_base_.train_pipeline),
        day=dict(
            type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='train/day'), domain='day',
            pipeline=_base_.train_pipeline)))

val_dataloader = dict(
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(
            type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='test/night'), domain='night',
            test_mode=True, pipeline=_base_.test_pipeline)))
test_dataloader = val_dataloader

made_with = dict(
    data_root=data_root, crop_size=_base_.crop_size, train_pipeline=_base_.train_pipeline,
    test_pipeline=_base_.test_pipeline)
