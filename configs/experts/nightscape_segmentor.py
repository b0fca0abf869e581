# Nightscape's own segmentor: a small mmseg model, trained on rendered daytime streets only.
#   python tools/dataset_converters/nightscape.py --out data/nightscape_experts --train 1200 --val 60 --test 0 --seed 7
#   python tools/train.py configs/experts/nightscape_segmentor.py
# Scores and how to use it: README.md in this folder.
default_scope = 'mmseg'
data_root = 'data/nightscape_experts'
max_iters = 3600
crop_size = (256, 256)
norm_cfg = dict(type='BN')

metainfo = dict(
    classes=('road', 'sidewalk', 'building', 'wall', 'fence', 'pole', 'traffic light', 'traffic sign', 'vegetation',
             'terrain', 'sky', 'person', 'rider', 'car', 'truck', 'bus', 'train', 'motorcycle', 'bicycle'),
    palette=[[128, 64, 128], [244, 35, 232], [70, 70, 70], [102, 102, 156], [190, 153, 153], [153, 153, 153],
             [250, 170, 30], [220, 220, 0], [107, 142, 35], [152, 251, 152], [70, 130, 180], [220, 20, 60],
             [255, 0, 0], [0, 0, 142], [0, 0, 70], [0, 60, 100], [0, 80, 100], [0, 0, 230], [119, 11, 32]])

model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=255,
        size=crop_size),
    backbone=dict(
        type='ResNetV1c',
        depth=18,
        stem_channels=32,
        base_channels=32,
        num_stages=4,
        out_indices=(0, 1, 2, 3),
        norm_cfg=norm_cfg,
        norm_eval=False,
        style='pytorch'),
    neck=dict(type='FPN', in_channels=[32, 64, 128, 256], out_channels=32, num_outs=4),
    decode_head=dict(
        type='FPNHead',
        in_channels=[32, 32, 32, 32],
        in_index=[0, 1, 2, 3],
        feature_strides=[4, 8, 16, 32],
        channels=32,
        dropout_ratio=0,
        num_classes=19,
        norm_cfg=norm_cfg,
        align_corners=False,
        # Rare and thin things count for more, or a short training never finds them.
        loss_decode=dict(
            type='nightgen.WeightedCrossEntropyLoss',
            stride=2,
            class_weight=[0.6, 1.3, 0.6, 3.0, 3.0, 3.0, 6.0, 5.0, 1.0, 2.5, 0.7, 5.0, 5.0, 1.0, 1.3, 1.5, 1.0, 6.0,
                          6.0])),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'))

train_pipeline = [
    dict(type='LoadImageFromFile'),
    # Some pictures lose detail, labels none: the expert also judges small translations.
    dict(type='RandomApply', prob=0.4, transforms=[dict(type='Resize', scale=(256, 128))]),
    dict(type='LoadAnnotations'),
    dict(type='RandomResize', scale=(512, 256), ratio_range=(0.8, 1.8)),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.9),
    dict(type='RandomFlip', prob=0.5),
    # Content, not style: colours and greyness, blur and noise differ from image to image, the labels do not.
    dict(type='PhotoMetricDistortion', brightness_delta=40, contrast_range=(0.6, 1.5), saturation_range=(0.4, 1.6)),
    dict(type='RandomGrayscale', prob=0.3, keep_channels=True),
    dict(type='nightgen.RandomBlur', sigma=(0.4, 2.0), prob=0.4),
    dict(type='nightgen.RandomNoise', deviation=(2.0, 20.0), prob=0.4),
    dict(type='PackSegInputs')]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(640, 320), keep_ratio=True),
    dict(type='LoadAnnotations'),
    dict(type='PackSegInputs')]

dataset = dict(
    type='BaseSegDataset',
    data_root=data_root,
    metainfo=metainfo,
    img_suffix='.png',
    seg_map_suffix='.png',
    reduce_zero_label=False)
train_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(
        **dataset, data_prefix=dict(img_path='train/day', seg_map_path='train/label'), pipeline=train_pipeline))
# The other renderings: --cfg-options test_dataloader.dataset.data_prefix.img_path=val/night
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        **dataset, data_prefix=dict(img_path='val/day', seg_map_path='val/label'), pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
test_evaluator = val_evaluator

train_cfg = dict(type='IterBasedTrainLoop', max_iters=max_iters, val_interval=max_iters)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=2e-3, weight_decay=0.02),
    clip_grad=dict(max_norm=5.0))
param_scheduler = dict(
    type='OneCycleLR', eta_max=2e-3, total_steps=max_iters, pct_start=0.15, final_div_factor=100.0, by_epoch=False)

default_hooks = dict(
    logger=dict(type='LoggerHook', interval=50, log_metric_by_epoch=False),
    checkpoint=dict(
        type='nightgen.ResumableCheckpointHook', by_epoch=False, interval=100, max_keep_ckpts=1))
# Two to three times as fast on a CPU with bfloat16 instructions; slower, not wrong, on one without.
custom_hooks = [dict(type='nightgen.AutocastHook', dtype='bf16')]
log_processor = dict(by_epoch=False, window_size=50)
env_cfg = dict(mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0), dist_cfg=dict(backend='gloo'))
randomness = dict(seed=0)
visualizer = dict(type='SegLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
