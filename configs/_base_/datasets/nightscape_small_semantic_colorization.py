# As nightscape_semantic_colorization.py, for data/nightscape_small: 256x128, crops of 128.
_base_ = 'nightscape_semantic_colorization.py'
data_root = 'data/nightscape_small'
crop_size = 128
train_pipeline = [
    dict(step, crop_size=crop_size) if 'crop_size' in step else step for step in _base_.train_pipeline]

train_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root, pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root)))
test_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root)))

made_with = dict(data_root=data_root, crop_size=crop_size, train_pipeline=train_pipeline)
