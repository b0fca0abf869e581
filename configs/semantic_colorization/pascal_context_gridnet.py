# The paper's segmentor on PASCAL-Context's trainval, 60 classes with the background, in mmseg's order; 13,206,674
# parameters. Its val split is seen in training; held out: take it out of train_dataloader.dataset.datasets.
_base_ = ['../_base_/models/gridnet.py', '../_base_/schedules/gridnet.py']
data_root = 'data/VOCdevkit/VOC2010'
crop_size = (352, 352)

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='Resize', scale=(360, 360)),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs')]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=crop_size),
    dict(type='LoadAnnotations'),
    dict(type='PackSegInputs')]

folders = dict(img_path='JPEGImages', seg_map_path='SegmentationClassContext')
lists = 'ImageSets/SegmentationContext/'
part = dict(type='PascalContextDataset', data_root=data_root, data_prefix=folders)
train_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(
        type='ConcatDataset',
        datasets=[
            dict(**part, ann_file=lists + 'train.txt', pipeline=train_pipeline),
            dict(**part, ann_file=lists + 'val.txt', pipeline=train_pipeline)]))
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(**part, ann_file=lists + 'val.txt', pipeline=test_pipeline))
test_dataloader = val_dataloader
