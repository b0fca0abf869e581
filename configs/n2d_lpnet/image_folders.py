# N2D-LPNet on your own pictures: data/my_images/{train/night, train/day, test/night}. Elsewhere: --cfg-options, or
# inherit from this file. It starts near the identity, which the paper does not say and which short runs need.
_base_ = [
    '../_base_/models/n2d_lpnet.py', '../_base_/datasets/image_folders.py', '../_base_/evaluators/unpaired.py',
    '../_base_/schedules/n2d_300k.py', '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=16)
model = dict(generator=dict(identity_init=True))
