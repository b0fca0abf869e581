# NEGCUT on Nightscape's fixed cameras at 512x256, crops of 256; 20 epochs of 600 nights at 2e-4, 20 falling to 0.
_base_ = [
    '../_base_/models/negcut.py', '../_base_/datasets/nightscape_cameras.py',
    '../_base_/evaluators/nightscape_cameras.py', '../_base_/schedules/cut_400ep.py',
    '../_base_/default_runtime.py']
train_cfg = dict(max_epochs=40)
param_scheduler = dict(begin=19, end=40, end_factor=1 / 21)
optim_wrapper = dict(negatives=_base_.optim_wrapper.generator)
