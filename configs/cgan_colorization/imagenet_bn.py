# Row BN of Table I, the paper's baseline: batch norm everywhere, no spectral norm, one discriminator.
_base_ = [
    '../_base_/models/cgan_colorization.py', '../_base_/datasets/imagenet_colorization.py',
    '../_base_/evaluators/colorization.py', '../_base_/schedules/cgan_colorization.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=16)
