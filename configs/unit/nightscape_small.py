# UNIT on Nightscape at 256x128, thermal to day, minutes on two cores. It deviates from UNIT in this: a quarter of the
# width, 3 residual blocks a half, crops of 128, and the short schedule with averaged weights and no weight decay.
_base_ = [
    '../_base_/models/unit.py', '../_base_/datasets/nightscape_thermal_small.py',
    '../_base_/evaluators/nightscape_thermal_experts.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
model = dict(
    channels_last=True,
    generator=dict(encoder=dict(base=16, num_blocks=3), decoder=dict(base=16, num_blocks=3)),
    discriminator=dict(base=16))
