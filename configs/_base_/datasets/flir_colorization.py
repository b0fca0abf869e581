# FLIR ADAS v1, 360x288: the colours are learnt on its 5,447 days and given to its 490 thermal nights, whose intensity
# stands for the luma. No picture is of the same scene in both.
# python tools/dataset_converters/flir.py <the download> data/flir --masks <the authors' label maps>
_base_ = 'pipelines.py'
data_root = 'data/flir'
day_images = dict(type='FLIRDataset', data_root=data_root, rendering='day')
thermal_images = dict(type='FLIRDataset', data_root=data_root, rendering='thermal')
train_pipeline = [*_base_.load, *_base_.augmentation]
test_pipeline = _base_.test_pipeline

train_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='ResumableSampler'),
    collate_fn=dict(type='stack_collate'),
    dataset=dict(
        type='ColorizationDataset',
        truth=False,
        dataset=dict(**day_images, split='train', pipeline=train_pipeline)))

# Without the label maps: test_dataloader = dict(dataset=dict(label=None)).
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='ColorizationDataset',
        domain='thermal',
        truth=False,
        dataset=dict(**thermal_images, split='test', test_mode=True, pipeline=test_pipeline),
        label='data/flir/test/label',
        boxes='data/flir/test/boxes_thermal.json'))

test_dataloader = val_dataloader
