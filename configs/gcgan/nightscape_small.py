# GcGAN on Nightscape at 256x128, thermal to day, minutes on two cores. It deviates from GcGAN in this: a quarter of the
# width, 4 residual blocks, crops of 128, and the short schedule with averaged weights.
_base_ = [
    '../_base_/models/gcgan.py', '../_base_/datasets/nightscape_thermal_small.py',
    '../_base_/evaluators/nightscape_thermal_experts.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
model = dict(
    channels_last=True,
    generator=dict(base=16, num_blocks=4),
    discriminator=dict(base=16))
