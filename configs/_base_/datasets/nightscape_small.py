# Nightscape driving views, 256x128: as nightscape.py, with crops of 128.
# tools/quickstart.sh renders them; by hand:
# nightscape.py --out data/nightscape_small --size 256x128 --train 600 --val 16 --test 100 --seed 1
_base_ = 'nightscape.py'
data_root = 'data/nightscape_small'
crop_size = 128
train_pipeline = [
    dict(step, crop_size=crop_size) if 'crop_size' in step else step for step in _base_.train_pipeline]

train_dataloader = dict(
    dataset=dict(
        night=dict(data_root=data_root, pipeline=train_pipeline),
        day=dict(data_root=data_root, pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root), truth=dict(data_root=data_root)))
test_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root), truth=dict(data_root=data_root)))

made_with = dict(data_root=data_root, crop_size=crop_size, train_pipeline=train_pipeline)
