# DCLGAN on Nightscape's fixed cameras at 256x128, minutes on two cores. It deviates in this: a quarter of the width, 4
# residual blocks with taps behind the first and the last, crops of 128, and the short schedule with averaged weights.
_base_ = [
    '../_base_/models/dclgan.py', '../_base_/datasets/nightscape_cameras_small.py',
    '../_base_/evaluators/nightscape_cameras.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
model = dict(
    channels_last=True,
    sampler=dict(width=64),
    taps=('down1', 'down2', 'block1', 'block4'),
    generator=dict(base=16, num_blocks=4),
    discriminator=dict(base=16))
