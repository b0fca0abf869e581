# Nightscape's days in colour, 512x256, to take the colours of: crops of 256 to train, whole pictures to test.
# python tools/dataset_converters/nightscape.py --out data/nightscape --size 512x256
_base_ = '../dataloaders.py'
data_root = 'data/nightscape'

train_dataloader = dict(
    num_workers=2,
    dataset=dict(
        type='ColorizationDataset',
        truth=False,
        dataset=dict(
            type='NightscapeDataset', data_root=data_root, split='train', rendering='day',
            pipeline=_base_.train_pipeline)))

val_dataloader = dict(
    num_workers=1,
    dataset=dict(
        type='ColorizationDataset',
        dataset=dict(
            type='NightscapeDataset', data_root=data_root, split='val', rendering='day', test_mode=True,
            pipeline=_base_.test_pipeline)))

test_dataloader = dict(
    num_workers=1,
    dataset=dict(
        type='ColorizationDataset',
        dataset=dict(
            type='NightscapeDataset', data_root=data_root, split='test', rendering='day', test_mode=True,
            pipeline=_base_.test_pipeline)))

made_with = dict(
    data_root=data_root, crop_size=_base_.crop_size, train_pipeline=_base_.train_pipeline,
    test_pipeline=_base_.test_pipeline)
