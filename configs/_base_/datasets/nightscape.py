# Nightscape driving views, 512x256: unpaired nights and days to train; val and test nights beside their hidden days,
# those of test with label maps and boxes.
# python tools/dataset_converters/nightscape.py --out data/nightscape --size 512x256
_base_ = '../dataloaders.py'
data_root = 'data/nightscape'

train_dataloader = dict(
    num_workers=2,
    dataset=dict(
        type='UnpairedDataset',
        night=dict(
            type='NightscapeDataset', data_root=data_root, split='train', rendering='night',
            pipeline=_base_.train_pipeline),
        day=dict(
            type='NightscapeDataset', data_root=data_root, split='train', rendering='day',
            pipeline=_base_.train_pipeline)))

val_dataloader = dict(
    num_workers=1,
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(
            type='NightscapeDataset', data_root=data_root, split='val', rendering='night', test_mode=True,
            pipeline=_base_.test_pipeline),
        truth=dict(
            type='NightscapeDataset', data_root=data_root, split='val', rendering='day', test_mode=True,
            pipeline=_base_.test_pipeline)))

test_dataloader = dict(
    num_workers=1,
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(
            type='NightscapeDataset', data_root=data_root, split='test', rendering='night', test_mode=True,
            pipeline=_base_.test_pipeline),
        truth=dict(
            type='NightscapeDataset', data_root=data_root, split='test', rendering='day', test_mode=True,
            pipeline=_base_.test_pipeline),
        label='auto',
        boxes='auto'))

made_with = dict(
    data_root=data_root, crop_size=_base_.crop_size, train_pipeline=_base_.train_pipeline,
    test_pipeline=_base_.test_pipeline)
