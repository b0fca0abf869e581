# As nightscape_segmentation.py, for data/nightscape_small: 256x128, crops of 128.
_base_ = 'nightscape_segmentation.py'
data_root = 'data/nightscape_small'
crop_size = (128, 128)
train_pipeline = [
    dict(step, crop_size=crop_size) if 'crop_size' in step else step for step in _base_.train_pipeline]
train_dataloader = dict(batch_size=8, dataset=dict(data_root=data_root, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = dict(dataset=dict(data_root=data_root))
