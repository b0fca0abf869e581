# F-LSeSim on Nightscape's fixed cameras at 256x128, minutes on two cores. It deviates in this: features of
# EfficientNet-Lite0, a quarter of the width, 4 residual blocks, crops of 128, and the short schedule with averaged
# weights.
_base_ = [
    '../_base_/models/flsesim.py', '../_base_/datasets/nightscape_cameras_small.py',
    '../_base_/evaluators/nightscape_cameras.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
_features = dict(type='EfficientNetFeatures', layers=('stage2', 'stage3'), size=None)
model = dict(
    channels_last=True,
    tensors=[dict(entry, network=_features) for entry in _base_.model.tensors],
    generator=dict(base=16, num_blocks=4),
    discriminator=dict(base=16))
