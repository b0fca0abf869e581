# Nightscape driving views, 256x128: as nightscape.py, with crops of 128.
# tools/quickstart.sh renders them; by hand:
# nightscape.py --out data/nightscape_small --size 256x128 --train 600 --val 16 --test 100 --seed 1
_base_ = 'nightscape.py'
data_root = 'data/nightscape_small'
augmentation = [dict(type='RandomCropImages', crop_size=128), *_base_.augmentation[1:]]
train_pipeline = [*_base_.load, *augmentation]
night_images = dict(data_root=data_root)
day_images = dict(data_root=data_root)

train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        night=dict(data_root=data_root, pipeline=train_pipeline),
        day=dict(data_root=data_root, pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root), truth=dict(data_root=data_root)))
test_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root), truth=dict(data_root=data_root)))
