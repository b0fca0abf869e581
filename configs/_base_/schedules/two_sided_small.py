# Two-sided methods in minutes on a CPU: 800 iterations of one image per domain, Adam at 4e-4 that falls to 0 in the
# second half.
_base_ = 'cyclegan_200ep.py'
train_cfg = dict(_delete_=True, type='ResumableTrainLoop', max_iters=800, val_interval=800)
optim_wrapper = dict(generator=dict(optimizer=dict(lr=4e-4)), discriminator=dict(optimizer=dict(lr=4e-4)))
param_scheduler = dict(
    _delete_=True, type='LinearLR', by_epoch=False, start_factor=1.0, end_factor=0.0, begin=400, end=800)
