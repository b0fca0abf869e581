# Zhang 2016 in the small setting of configs/cgan_colorization: Nightscape's days at 256x128, quarter width, 400
# iterations of 8 crops of 128 at 1e-3 falling to 0. The prior first:
# python tools/dataset_converters/color_prior.py data/nightscape_small/train/day data/nightscape_small_color_prior.json
_base_ = [
    '../_base_/models/zhang2016.py', '../_base_/datasets/nightscape_small_colorization.py',
    '../_base_/evaluators/nightscape_colorization.py', '../_base_/schedules/semantic_colorization_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(batch_size=8)
model = dict(
    photo_size=(128, 256),
    channels_last=True,
    generator=dict(base=16),
    losses=[dict(_base_.model.losses[0], prior='data/nightscape_small_color_prior.json')])
custom_hooks = []  # no averaged weights: they do not fit the statistics of batch norm
inference_shape = (1, 128, 256)
