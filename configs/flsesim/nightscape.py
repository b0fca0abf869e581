# F-LSeSim on Nightscape's fixed cameras at 512x256, crops of 256; 20 epochs of 600 nights at 2e-4, 20 falling to 0.
# Features of EfficientNet-Lite0, where VGG-16's weights are not to be had.
_base_ = [
    '../_base_/models/flsesim.py', '../_base_/datasets/nightscape_cameras.py',
    '../_base_/evaluators/nightscape_cameras.py', '../_base_/schedules/cut_400ep.py',
    '../_base_/default_runtime.py']
train_cfg = dict(max_epochs=40)
param_scheduler = dict(begin=19, end=40, end_factor=1 / 21)
_features = dict(type='EfficientNetFeatures', layers=('stage2', 'stage3'), size=None)
model = dict(tensors=[dict(entry, network=_features) for entry in _base_.model.tensors])
optim_wrapper = dict(discriminator=dict(optimizer=dict(lr=4e-4)))  # twice the generator's
