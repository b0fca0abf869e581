# BDD100K: 3,600 nights and 3,600 days to train, 400 nights to test (specs/n2d_lpnet 5), at their full 1280x720.
# The lists come from: python tools/dataset_converters/bdd100k_lists.py data/bdd100k
# LPTN's augmentation, kept for fidelity; for road scenes vertical=0, transpose=0 is the natural one.
_base_ = '../dataloaders.py'
data_root = 'data/bdd100k'
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='RandomCropImages', crop_size=_base_.crop_size),
    dict(type='RandomFlipTranspose', horizontal=0.5, vertical=0.5, transpose=0.5),
    dict(type='PackTranslationInputs')]

train_dataloader = dict(
    num_workers=8,
    dataset=dict(
        type='UnpairedDataset',
        night=dict(
            type='BDD100KDataset', data_root=data_root, split='train', ann_file='lists/train_night.txt',
            domain='night', pipeline=train_pipeline),
        day=dict(
            type='BDD100KDataset', data_root=data_root, split='train', ann_file='lists/train_day.txt', domain='day',
            pipeline=train_pipeline)))

val_dataloader = dict(
    num_workers=4,
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(
            type='BDD100KDataset', data_root=data_root, split='val', ann_file='lists/test_night.txt', domain='night',
            test_mode=True, pipeline=_base_.test_pipeline)))
test_dataloader = val_dataloader

made_with = dict(
    data_root=data_root, crop_size=_base_.crop_size, train_pipeline=train_pipeline,
    test_pipeline=_base_.test_pipeline)
