# Nightscape driving views, 512x256, thermal to day: unpaired days and thermal nights to train; val and test thermal
# nights beside their hidden days, those of test with label maps and boxes. The data: see nightscape.py.
# An expert's label maps of the days (label_day), for methods that read them, are made by
# python tools/pseudo_label/segment.py nightgen::_base_/experts/nightscape.py \
#     data/nightscape/train/day data/nightscape_pseudo/label_day
_base_ = '../dataloaders.py'
data_root = 'data/nightscape'

train_dataloader = dict(
    num_workers=2,
    dataset=dict(
        type='UnpairedDataset',
        day=dict(
            type='NightscapeDataset', data_root=data_root, split='train', rendering='day',
            pipeline=_base_.train_pipeline),
        thermal=dict(
            type='NightscapeDataset', data_root=data_root, split='train', rendering='thermal',
            pipeline=_base_.train_pipeline)))

val_dataloader = dict(
    num_workers=1,
    dataset=dict(
        type='SingleDomainDataset',
        domain='thermal',
        dataset=dict(
            type='NightscapeDataset', data_root=data_root, split='val', rendering='thermal', test_mode=True,
            pipeline=_base_.test_pipeline),
        truth=dict(
            type='NightscapeDataset', data_root=data_root, split='val', rendering='day', test_mode=True,
            pipeline=_base_.test_pipeline)))

test_dataloader = dict(
    num_workers=1,
    dataset=dict(
        type='SingleDomainDataset',
        domain='thermal',
        dataset=dict(
            type='NightscapeDataset', data_root=data_root, split='test', rendering='thermal', test_mode=True,
            pipeline=_base_.test_pipeline),
        truth=dict(
            type='NightscapeDataset', data_root=data_root, split='test', rendering='day', test_mode=True,
            pipeline=_base_.test_pipeline),
        label='auto',
        boxes='auto'))

made_with = dict(
    data_root=data_root, crop_size=_base_.crop_size, train_pipeline=_base_.train_pipeline,
    test_pipeline=_base_.test_pipeline)
