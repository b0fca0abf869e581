# nightscape_small.py, longer: up to 10,000 iterations at a constant rate, weights averaged over about the last 500,
# late terms from iteration 200. Made like the run of this name of MornGAN, to be compared with it at equal iterations.
_base_ = './nightscape_small.py'
train_cfg = dict(max_iters=10000, val_interval=1000)
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=2e-4)), discriminator=dict(optimizer=dict(lr=2e-4)))
param_scheduler = dict(_delete_=True, type='ConstantLR', by_epoch=False, factor=1.0)
default_hooks = dict(checkpoint=dict(interval=500))
custom_hooks = [dict(type='GeneratorEMAHook', momentum=0.002)]
model = dict(losses=[dict(term, begin=200) if 'begin' in term else term for term in _base_.model.losses])
