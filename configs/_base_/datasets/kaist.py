# KAIST, 360x288: 1,674 visible days and 1,359 thermal nights to train, 500 thermal nights to test.
# python tools/dataset_converters/kaist.py <the download> data/kaist --masks <the authors' label maps>
_base_ = 'pipelines.py'
data_root = 'data/kaist'
day_images = dict(type='KAISTDataset', data_root=data_root, rendering='day')
thermal_images = dict(type='KAISTDataset', data_root=data_root, rendering='thermal')
train_pipeline = [*_base_.load, *_base_.augmentation]
test_pipeline = _base_.test_pipeline

train_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='ResumableSampler'),
    collate_fn=dict(type='stack_collate'),
    dataset=dict(
        type='UnpairedDataset',
        day=dict(**day_images, split='train', pipeline=train_pipeline),
        thermal=dict(**thermal_images, split='train', pipeline=train_pipeline)))

# Without the label maps: test_dataloader = dict(dataset=dict(label=None)).
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='SingleDomainDataset',
        domain='thermal',
        dataset=dict(**thermal_images, split='test', test_mode=True, pipeline=test_pipeline),
        label='data/kaist/test/label',
        boxes='data/kaist/test/boxes_thermal.json'))

test_dataloader = val_dataloader
