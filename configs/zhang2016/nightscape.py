# Zhang 2016 on Nightscape's days at 512x256, crops of 256; 30,000 iterations of 16 at 1e-4.
# python tools/dataset_converters/color_prior.py data/nightscape/train/day data/nightscape_color_prior.json
_base_ = [
    '../_base_/models/zhang2016.py', '../_base_/datasets/nightscape_colorization.py',
    '../_base_/evaluators/nightscape_colorization.py', '../_base_/schedules/semantic_colorization.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=16)
model = dict(
    photo_size=(256, 512),
    losses=[dict(_base_.model.losses[0], prior='data/nightscape_color_prior.json')])
train_cfg = dict(max_iters=30000, val_interval=5000)
