# As nightscape_colorization.py, for data/nightscape_small: 256x128, crops of 128. tools/quickstart.sh renders it, or
# nightscape.py --out data/nightscape_small --size 256x128 --train 600 --val 16 --test 100 --seed 1
_base_ = 'nightscape_colorization.py'
data_root = 'data/nightscape_small'
day_images = dict(data_root=data_root)
train_pipeline = [*_base_.load, dict(type='RandomCropImages', crop_size=128), *_base_.augmentation[1:]]
train_dataloader = dict(batch_size=8, dataset=dict(dataset=dict(data_root=data_root, pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root)))
test_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root)))
