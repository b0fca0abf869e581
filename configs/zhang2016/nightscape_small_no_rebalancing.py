# nightscape_small.py with equal weights of all colours, a row of the paper's tables. It needs no prior.
_base_ = 'nightscape_small.py'
model = dict(losses=[dict(_base_.model.losses[0], prior=None)])
