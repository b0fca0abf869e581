# ToDayGAN on Nightscape at 256x128, thermal to day, minutes on two cores. It deviates from ToDayGAN in this: a quarter
# of the width, 2 residual blocks in each half, crops of 128, and the short schedule with averaged weights.
_base_ = [
    '../_base_/models/todaygan.py', '../_base_/datasets/nightscape_thermal_small.py',
    '../_base_/evaluators/nightscape_thermal_experts.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(dataset=dict(pairing=_base_.pairing))
model = dict(
    channels_last=True,
    generator=dict(
        encoder=dict(base=16, num_blocks=2),
        decoder=dict(base=16, num_blocks=2)),
    discriminator=dict(base=16))
