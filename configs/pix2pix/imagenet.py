# pix2pix on ImageNet with the colorization paper's protocol, the outside baseline: batches of 1, 100 epochs at 2e-4 and
# 100 more that fall to 0, pictures resized to 286, cropped to 256 and flipped (specs/cgan_colorization 14).
_base_ = [
    '../_base_/models/pix2pix_colorization.py', '../_base_/datasets/imagenet_colorization.py',
    '../_base_/evaluators/colorization.py', '../_base_/schedules/cgan_colorization.py',
    '../_base_/default_runtime.py']
crop_size = 256
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='ResizeImages', size=286, interpolation='bicubic'),
    dict(type='RandomCropImages', crop_size=crop_size),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
train_dataloader = dict(dataset=dict(dataset=dict(pipeline=train_pipeline)))
made_with = dict(crop_size=crop_size, train_pipeline=train_pipeline)
train_cfg = dict(max_iters=10000000, val_interval=250000)
param_scheduler = dict(
    type='LinearLR', start_factor=1.0, end_factor=0.0, begin=5000000, end=10000000, by_epoch=False)
auto_scale_lr = dict(enable=False, base_batch_size=1)
