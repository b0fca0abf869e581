# CamVid as mmseg reads it: 480x360, crops of 352; what has no label is a class too. The data: camvid_colorization.py.
_base_ = '../segmentation_dataloaders.py'
data_root = 'data/camvid'
metainfo = dict(
    classes=('sky', 'building', 'pole', 'road', 'pavement', 'tree', 'sign', 'fence', 'car', 'pedestrian', 'bicyclist',
             'unlabelled'),
    palette=[[128, 128, 128], [128, 0, 0], [192, 192, 128], [128, 64, 128], [60, 40, 222], [128, 128, 0],
             [192, 128, 128], [64, 64, 128], [64, 0, 128], [64, 64, 0], [0, 128, 192], [0, 0, 0]])

dataset = dict(type='BaseSegDataset', data_root=data_root, metainfo=metainfo, img_suffix='.jpg', seg_map_suffix='.png')
train_dataloader = dict(
    dataset=dict(
        **dataset, data_prefix=dict(img_path='train/images', seg_map_path='train/labels'),
        pipeline=_base_.train_pipeline))
val_dataloader = dict(
    dataset=dict(
        **dataset, data_prefix=dict(img_path='val/images', seg_map_path='val/labels'), pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
