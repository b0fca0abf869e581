# nightscape_small.py, longer: up to 10,000 iterations at the constant rate of the paper, weights averaged over about
# the last 500. Stages begin at the iterations 300, 600, 1,200 and 3,000, SSIM and temperature at 200, so that a run
# that is stopped before its end is of the whole method too. The memory is full before it guides.
_base_ = './nightscape_small.py'
train_cfg = dict(max_iters=10000, val_interval=1000)
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=2e-4)), segmentor=dict(optimizer=dict(lr=1e-3)),
    discriminator=dict(optimizer=dict(lr=2e-4)))
param_scheduler = dict(_delete_=True, type='ConstantLR', by_epoch=False, factor=1.0)
default_hooks = dict(checkpoint=dict(interval=500))
custom_hooks = [
    dict(type='GeneratorEMAHook', momentum=0.002),
    dict(type='LabelMemoryHook', label='own_label_thermal', begin=3000, by_epoch=False)]
train_dataloader = dict(dataset=dict(pairing=dict(guided_from=1.0)))
model = dict(
    players=dict(segmentor=dict(begin=300, end=3000)),
    losses=[
        dict(term, **{border: {50: 200, 60: 300, 200: 600, 500: 1200, 900: 3000}[term[border]]
                      for border in ('begin', 'end') if border in term})
        for term in _base_.model.losses])
