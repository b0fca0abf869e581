# A small colouriser of any folder of photos, after the paper's IBN + SN: 24 channels in place of 64, five levels, sides
# of 128, batches of 8, 3,000 iterations with a falling learning rate.
#   python tools/train.py configs/cgan_colorization/photos.py --cfg-options data_root=data/photos
_base_ = [
    '../_base_/models/cgan_colorization.py', '../_base_/datasets/photo_folders_colorization.py',
    '../_base_/evaluators/colorization.py', '../_base_/schedules/cgan_colorization_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(batch_size=8)
model = dict(
    photo_size=(128, 128),
    channels_last=True,
    generator=dict(base=24, num_levels=5, decoder_norms=['batch'] * 3 + ['instance_affine'], spectral=True),
    discriminator=dict(base=24, norm=['instance_affine', 'batch', 'batch'], spectral=True))
train_cfg = dict(max_iters=3000, val_interval=1500)
param_scheduler = dict(begin=1500, end=3000)
default_hooks = dict(checkpoint=dict(interval=500))
custom_hooks = []  # averaged weights do not fit the statistics of batch norm
inference_shape = (1, 128, 128)
test_evaluator = [
    *_base_.val_evaluator,
    dict(type='PerceptualDistance', network=dict(type='EfficientNetFeatures'))]
