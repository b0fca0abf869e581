# FLIR1k, DiCo's: 1,000 nights and 1,000 days of FLIR's colour pictures, chosen at random and not published.
# <data_root>/train/{night,day}/*, test/night/*, pictures of one size, and one reference for all:
# make_reference.py data/flir1k/train/day data/flir1k/reference_day.png --mode mean
_base_ = '../dataloaders_286.py'
data_root = 'data/flir1k'
_reference = '{root}/reference_day.png'

train_dataloader = dict(
    dataset=dict(
        type='UnpairedDataset',
        night=dict(
            type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='train/night'), domain='night',
            inputs=('reference_day',), reference=_reference, pipeline=_base_.train_pipeline),
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
