# A small colouriser of any folder of photos, after the paper's IBN + SN: 24 channels in place of 64, five levels, sides
# of 128, batches of 8, 6,000 iterations with a falling learning rate. A thousand photos and the paper's loss alone give
# bold colours in wrong places: here photos come at several scales, and their features count beside their pixels.
#   python tools/train.py configs/cgan_colorization/photos.py --cfg-options data_root=data/photos
_base_ = [
    '../_base_/models/cgan_colorization.py', '../_base_/datasets/photo_folders_colorization.py',
    '../_base_/evaluators/colorization.py', '../_base_/schedules/cgan_colorization_small.py',
    '../_base_/small_runtime.py']
_features = dict(type='EfficientNetFeatures')
_resized = [[dict(type='ResizeImages', size=128)]] * 2 + [
    [dict(type='ResizeImages', short_side=side)] for side in (132, 144, 168, 200)]
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='RandomChoice', transforms=_resized),
    dict(type='RandomCropImages', crop_size=128),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
train_dataloader = dict(batch_size=8, dataset=dict(dataset=dict(pipeline=train_pipeline)))
model = dict(
    photo_size=(128, 128),
    channels_last=True,
    generator=dict(
        base=24, num_levels=5, decoder_norms=['batch'] * 3 + ['instance_affine'], dropout=[0.5, 0.5, 0.0, 0.0],
        spectral=True),
    discriminator=dict(base=24, norm=['instance_affine', 'batch', 'batch'], spectral=True),
    losses=[
        dict(_base_.model.losses[0], weight=0.1),
        _base_.model.losses[1],
        dict(type='PerceptualLoss', network=_features, reads=dict(pred='fake_color', target='real_color'), weight=8.0)])
train_cfg = dict(max_iters=6000, val_interval=3000)
param_scheduler = dict(begin=2000, end=6000)
default_hooks = dict(checkpoint=dict(interval=500))
custom_hooks = []  # averaged weights do not fit the statistics of batch norm
inference_shape = (1, 128, 128)
test_evaluator = [
    *_base_.val_evaluator,
    dict(type='PerceptualDistance', network=_features)]
