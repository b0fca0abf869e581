# Zhang 2017's regression without hints on ImageNet's training images, crops of 176.
_base_ = [
    '../_base_/models/zhang2017.py', '../_base_/datasets/imagenet_photos_colorization.py',
    '../_base_/evaluators/colorization.py', '../_base_/schedules/zhang2017.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=32)
