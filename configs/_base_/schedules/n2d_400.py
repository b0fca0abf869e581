# The short runs of N2D-LPNet on Nightscape: 400 iterations in place of 300,000; Adam at 5e-4 for the generator, beta1
# 0.5, falling to 0 in the second half.
_base_ = ['n2d_300k.py']
train_cfg = dict(max_iters=400, val_interval=200)
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=5e-4, betas=(0.5, 0.99))),
    discriminator=dict(optimizer=dict(lr=1e-4, betas=(0.5, 0.99))))
param_scheduler = dict(
    _delete_=True, type='LinearLR', start_factor=1.0, end_factor=0.0, begin=200, end=400, by_epoch=False)
