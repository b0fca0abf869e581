# MornGAN's ablation, row MGCA: row CGR without conditional gradient repair.
_base_ = './nightscape_small_cgr.py'
model = dict(losses=[term for term in _base_.model.losses if term['type'] != 'ConditionalGradientRepairLoss'])
