# Nightscape's fixed cameras, 256x128: as nightscape_cameras.py, with crops of 128.
# python tools/dataset_converters/nightscape.py --out data/nightscape_cameras_small --size 256x128 --view surveillance \
#     --cameras 6 --train 600 --val 18 --test 102 --seed 1
# python tools/dataset_converters/make_reference.py data/nightscape_cameras_small \
#     data/nightscape_cameras_small_references --cameras 'train/day/{camera}'
_base_ = 'nightscape_cameras.py'
data_root = 'data/nightscape_cameras_small'
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
