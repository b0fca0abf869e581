# pix2pix in the small setting of configs/cgan_colorization: quarter width, and seven levels instead of eight, as crops
# have sides of 128 in place of 256.
_base_ = [
    '../_base_/models/pix2pix_colorization.py', '../_base_/datasets/nightscape_small_colorization.py',
    '../_base_/evaluators/nightscape_colorization.py', '../_base_/schedules/cgan_colorization_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(batch_size=8)
model = dict(
    photo_size=(128, 256),
    channels_last=True,
    generator=dict(
        base=16, num_levels=7, encoder_norms=['none', *['batch'] * 5, 'none'], dropout=[0, 0.5, 0.5, 0, 0, 0]),
    discriminator=dict(base=16))
custom_hooks = []  # no averaged weights
inference_shape = (1, 128, 256)
