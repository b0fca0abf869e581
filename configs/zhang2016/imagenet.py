# Zhang 2016 on ImageNet's training images, crops of 176. The prior first:
# python tools/dataset_converters/color_prior.py data/imagenet/train data/imagenet_color_prior.json
_base_ = [
    '../_base_/models/zhang2016.py', '../_base_/datasets/imagenet_photos_colorization.py',
    '../_base_/evaluators/colorization.py', '../_base_/schedules/zhang2016.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=40)
