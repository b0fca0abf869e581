# Nightscape driving views, 256x128, thermal to day: as nightscape_thermal.py, with crops of 128. The data: see
# nightscape_small.py; label maps of the days go into data/nightscape_small_pseudo/label_day.
_base_ = 'nightscape_thermal.py'
data_root = 'data/nightscape_small'
crop_size = 128
train_pipeline = [
    dict(step, crop_size=crop_size) if 'crop_size' in step else step for step in _base_.train_pipeline]

train_dataloader = dict(
    dataset=dict(
        day=dict(data_root=data_root, pipeline=train_pipeline),
        thermal=dict(data_root=data_root, pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root), truth=dict(data_root=data_root)))
test_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root), truth=dict(data_root=data_root)))

made_with = dict(data_root=data_root, crop_size=crop_size, train_pipeline=train_pipeline)
