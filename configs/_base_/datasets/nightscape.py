# Nightscape driving views, 512x256: unpaired nights and days to train, val and test nights beside their hidden days.
# python tools/dataset_converters/nightscape.py --out data/nightscape --size 512x256
_base_ = 'pipelines.py'
data_root = 'data/nightscape'
night_images = dict(type='NightscapeDataset', data_root=data_root, rendering='night')
day_images = dict(type='NightscapeDataset', data_root=data_root, rendering='day')
train_pipeline = [*_base_.load, *_base_.augmentation]
test_pipeline = _base_.test_pipeline

train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='ResumableSampler'),
    collate_fn=dict(type='stack_collate'),
    dataset=dict(
        type='UnpairedDataset',
        night=dict(**night_images, split='train', pipeline=train_pipeline),
        day=dict(**day_images, split='train', pipeline=train_pipeline)))

val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(**night_images, split='val', test_mode=True, pipeline=test_pipeline),
        truth=dict(**day_images, split='val', test_mode=True, pipeline=test_pipeline)))

test_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(**night_images, split='test', test_mode=True, pipeline=test_pipeline),
        truth=dict(**day_images, split='test', test_mode=True, pipeline=test_pipeline)))
