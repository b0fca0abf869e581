# MornGAN's ablation, row CGR: the full method without scale robustness.
_base_ = './nightscape.py'
model = dict(losses=[term for term in _base_.model.losses if term['type'] != 'ScaleRobustnessLoss'])
