# Nightscape's days as mmseg reads them: 512x256, crops of 256, Cityscapes' 19 train ids. The data:
# python tools/dataset_converters/nightscape.py --out data/nightscape --size 512x256
_base_ = '../segmentation_dataloaders.py'
data_root = 'data/nightscape'
crop_size = (256, 256)
train_pipeline = [
    dict(step, crop_size=crop_size) if 'crop_size' in step else step for step in _base_.train_pipeline]
metainfo = dict(
    classes=('road', 'sidewalk', 'building', 'wall', 'fence', 'pole', 'traffic light', 'traffic sign', 'vegetation',
             'terrain', 'sky', 'person', 'rider', 'car', 'truck', 'bus', 'train', 'motorcycle', 'bicycle'),
    palette=[[128, 64, 128], [244, 35, 232], [70, 70, 70], [102, 102, 156], [190, 153, 153], [153, 153, 153],
             [250, 170, 30], [220, 220, 0], [107, 142, 35], [152, 251, 152], [70, 130, 180], [220, 20, 60],
             [255, 0, 0], [0, 0, 142], [0, 0, 70], [0, 60, 100], [0, 80, 100], [0, 0, 230], [119, 11, 32]])

dataset = dict(type='BaseSegDataset', data_root=data_root, metainfo=metainfo, img_suffix='.png', seg_map_suffix='.png')
train_dataloader = dict(
    dataset=dict(
        **dataset, data_prefix=dict(img_path='train/day', seg_map_path='train/label'), pipeline=train_pipeline))
val_dataloader = dict(
    dataset=dict(
        **dataset, data_prefix=dict(img_path='val/day', seg_map_path='val/label'), pipeline=_base_.test_pipeline))
test_dataloader = dict(
    dataset=dict(
        **dataset, data_prefix=dict(img_path='test/day', seg_map_path='test/label'), pipeline=_base_.test_pipeline))
