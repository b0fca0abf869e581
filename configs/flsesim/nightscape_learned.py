# F-LSeSim with learnt features on Nightscape's fixed cameras, as nightscape.py.
_base_ = [
    '../_base_/models/flsesim_learned.py', '../_base_/datasets/nightscape_cameras.py',
    '../_base_/evaluators/nightscape_cameras.py', '../_base_/schedules/cut_400ep.py',
    '../_base_/default_runtime.py']
train_cfg = dict(max_epochs=40)
param_scheduler = dict(begin=19, end=40, end_factor=1 / 21)
_features = dict(type='EfficientNetFeatures', layers=('stage2', 'stage3'), size=None)
model = dict(tensors=[
    dict(_base_.model.tensors[0], network=_features), dict(_base_.model.tensors[1], in_channels=(24, 40))])
optim_wrapper = dict(
    projection=_base_.optim_wrapper.generator,
    discriminator=dict(optimizer=dict(lr=4e-4)))  # twice the generator's
