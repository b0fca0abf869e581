# Nightscape's own detector: a small mmdet model, trained on rendered daytime streets only.
#   python tools/dataset_converters/nightscape.py --out data/nightscape_experts --train 1200 --val 60 --test 0 --seed 7
#   python tools/train.py configs/experts/nightscape_detector.py
# Backbone and neck start from the segmentor's. Scores and how to use it: README.md in this folder.
default_scope = 'mmdet'
data_root = 'data/nightscape_experts'
max_iters = 2000
crop_size = (256, 256)
norm_cfg = dict(type='BN', requires_grad=True)
load_from = 'configs/experts/nightscape_segmentor.pth'

metainfo = dict(
    classes=('person', 'rider', 'car', 'truck', 'bus', 'motorcycle', 'bicycle', 'traffic light', 'traffic sign'),
    palette=[(220, 20, 60), (255, 0, 0), (0, 0, 142), (0, 0, 70), (0, 60, 100), (0, 0, 230), (119, 11, 32),
             (250, 170, 30), (220, 220, 0)])

model = dict(
    type='GFL',
    data_preprocessor=dict(
        type='DetDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        pad_size_divisor=32),
    backbone=dict(
        type='ResNet',
        depth=18,
        deep_stem=True,
        stem_channels=32,
        base_channels=32,
        num_stages=4,
        out_indices=(0, 1, 2, 3),
        frozen_stages=-1,
        norm_cfg=norm_cfg,
        norm_eval=False,
        style='pytorch'),
    neck=dict(type='FPN', in_channels=[32, 64, 128, 256], out_channels=32, num_outs=4),
    bbox_head=dict(
        type='GFLHead',
        num_classes=9,
        in_channels=32,
        stacked_convs=2,
        feat_channels=32,
        norm_cfg=dict(type='GN', num_groups=8, requires_grad=True),
        # Strides from 4 on: a person 60 metres away is 4 pixels wide.
        anchor_generator=dict(
            type='AnchorGenerator',
            ratios=[1.0],
            octave_base_scale=4,
            scales_per_octave=1,
            strides=[4, 8, 16, 32]),
        loss_cls=dict(type='QualityFocalLoss', use_sigmoid=True, beta=2.0, loss_weight=1.0),
        loss_dfl=dict(type='DistributionFocalLoss', loss_weight=0.25),
        reg_max=12,
        loss_bbox=dict(type='GIoULoss', loss_weight=2.0)),
    train_cfg=dict(
        assigner=dict(type='ATSSAssigner', topk=9),
        allowed_border=-1,
        pos_weight=-1,
        debug=False),
    test_cfg=dict(
        nms_pre=600,
        min_bbox_size=0,
        score_thr=0.01,
        nms=dict(type='nms', iou_threshold=0.6),
        max_per_img=100))

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True),
    # Some pictures lose detail: the expert also judges small translations.
    dict(type='RandomApply', prob=0.4, transforms=[dict(type='Resize', scale=(256, 128))]),
    dict(type='RandomResize', scale=(512, 256), ratio_range=(1.0, 2.0)),
    dict(type='RandomCrop', crop_size=crop_size, allow_negative_crop=True),
    dict(type='RandomFlip', prob=0.5),
    # Content, not style: colours and greyness, blur and noise differ from image to image, the labels do not.
    dict(type='PhotoMetricDistortion', brightness_delta=40, contrast_range=(0.6, 1.5), saturation_range=(0.4, 1.6)),
    dict(type='RandomGrayscale', prob=0.3, keep_channels=True),
    dict(type='nightgen.RandomBlur', sigma=(0.4, 2.0), prob=0.4),
    dict(type='nightgen.RandomNoise', deviation=(2.0, 20.0), prob=0.4),
    dict(type='PackDetInputs')]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(768, 384), keep_ratio=True),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(type='PackDetInputs', meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor'))]

dataset = dict(type='CocoDataset', data_root=data_root, metainfo=metainfo)
train_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(
        **dataset, ann_file='train/boxes_day.json', data_prefix=dict(img='train/day'),
        filter_cfg=dict(filter_empty_gt=True, min_size=0), pipeline=train_pipeline))
# The other renderings: --cfg-options test_dataloader.dataset.data_prefix.img=val/night
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        **dataset, ann_file='val/boxes_day.json', data_prefix=dict(img='val/day'), test_mode=True,
        pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(type='VOCMetric', iou_thrs=0.5, eval_mode='area')
test_evaluator = val_evaluator

train_cfg = dict(type='IterBasedTrainLoop', max_iters=max_iters, val_interval=max_iters)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.02),
    clip_grad=dict(max_norm=10.0))
param_scheduler = dict(
    type='OneCycleLR', eta_max=1e-3, total_steps=max_iters, pct_start=0.15, final_div_factor=100.0, by_epoch=False)

default_hooks = dict(
    logger=dict(type='LoggerHook', interval=50, log_metric_by_epoch=False),
    checkpoint=dict(
        type='nightgen.ResumableCheckpointHook', by_epoch=False, interval=100, max_keep_ckpts=1, strict=False))
# Two to three times as fast on a CPU with bfloat16 instructions; slower, not wrong, on one without.
custom_hooks = [dict(type='nightgen.AutocastHook', dtype='bf16')]
log_processor = dict(by_epoch=False, window_size=50)
env_cfg = dict(mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0), dist_cfg=dict(backend='gloo'))
randomness = dict(seed=0)
visualizer = dict(type='DetLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
