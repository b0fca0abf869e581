# Nightscape driving views, 256x128, thermal to day: as nightscape_thermal.py, with crops of 128. The data: see
# nightscape_small.py.
_base_ = 'nightscape_thermal.py'
data_root = 'data/nightscape_small'
augmentation = [dict(type='RandomCropImages', crop_size=128), *_base_.augmentation[1:]]
train_pipeline = [*_base_.load, *augmentation]
day_images = dict(data_root=data_root)
night_images = dict(data_root=data_root)
thermal_images = dict(data_root=data_root)

train_dataloader = dict(
    dataset=dict(
        day=dict(data_root=data_root, pipeline=train_pipeline),
        thermal=dict(data_root=data_root, pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root), truth=dict(data_root=data_root)))
test_dataloader = dict(
    dataset=dict(
        dataset=dict(data_root=data_root),
        truth=dict(data_root=data_root),
        label='data/nightscape_small/test/label',
        boxes='data/nightscape_small/test/boxes_thermal.json'))
