# CycleGAN on Nightscape's fixed cameras at 256x128, minutes on two cores. It deviates in this: a quarter of the width,
# 4 residual blocks, crops of 128, and the short schedule with averaged weights. The rate is the paper's, as in
# nightscape_small.py.
_base_ = [
    '../_base_/models/cyclegan.py', '../_base_/datasets/nightscape_cameras_small.py',
    '../_base_/evaluators/nightscape_cameras.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
optim_wrapper = dict(generator=dict(optimizer=dict(lr=2e-4)), discriminator=dict(optimizer=dict(lr=2e-4)))
model = dict(
    channels_last=True,
    domains=('night', 'day'),
    generator=dict(base=16, num_blocks=4),
    discriminator=dict(base=16))
