# The small setting, row BN of Table I: Nightscape's days at 256x128, minutes on two cores. It deviates from the paper:
# - quarter width (16 in place of 64) and six levels instead of seven, as crops have sides of 128 in place of 256;
# - 400 iterations of 8 crops with flips and a falling learning rate.
# The other rows are the files beside this one; nightscape_small.py is the paper's proposal.
_base_ = [
    '../_base_/models/cgan_colorization.py', '../_base_/datasets/nightscape_small_colorization.py',
    '../_base_/evaluators/nightscape_colorization.py', '../_base_/schedules/cgan_colorization_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(batch_size=8)
model = dict(
    photo_size=(128, 256),
    channels_last=True,
    generator=dict(base=16, num_levels=6),
    discriminator=dict(base=16))
custom_hooks = []  # no averaged weights
inference_shape = (1, 128, 256)
