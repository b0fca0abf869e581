# A short run on two cores: Adam at 1e-3 falling to 0 in the second half of 400 iterations, in place of 1e-4 throughout
# 631,000.
_base_ = ['./semantic_colorization.py']
train_cfg = dict(max_iters=400, val_interval=400)
optim_wrapper = dict(generator=dict(optimizer=dict(lr=1e-3)))
param_scheduler = dict(
    type='LinearLR', start_factor=1.0, end_factor=0.0, begin=200, end=400, by_epoch=False)
auto_scale_lr = dict(enable=False, base_batch_size=8)
