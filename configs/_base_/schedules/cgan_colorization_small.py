# A short run on two cores: Adam at 5e-4 falling to 0 in the second half of 400 iterations, in place of 2e-4 throughout
# 625,000.
_base_ = ['./cgan_colorization.py']
train_cfg = dict(max_iters=400, val_interval=400)
optim_wrapper = dict(generator=dict(optimizer=dict(lr=5e-4)), discriminator=dict(optimizer=dict(lr=5e-4)))
param_scheduler = dict(
    type='LinearLR', start_factor=1.0, end_factor=0.0, begin=200, end=400, by_epoch=False)
auto_scale_lr = dict(enable=False, base_batch_size=8)
