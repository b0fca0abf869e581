# N2D-LPNet: 300,000 iterations, Adam 1e-4, halved at 50k, 100k and 200k (specs/n2d_lpnet 4).
train_cfg = dict(type='ResumableTrainLoop', max_iters=300000, val_interval=10000)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

optim_wrapper = dict(
    constructor='PlayerOptimWrapperConstructor',
    accumulate=1,
    amp='off',
    generator=dict(optimizer=dict(type='Adam', lr=1e-4, betas=(0.9, 0.99))),
    discriminator=dict(optimizer=dict(type='Adam', lr=1e-4, betas=(0.9, 0.99))))

param_scheduler = dict(type='MultiStepLR', by_epoch=False, milestones=[50000, 100000, 200000], gamma=0.5)

# Learning rates are for this many images per update; tools/train.py --auto-scale-lr scales them to what a run has.
auto_scale_lr = dict(enable=False, base_batch_size=16)
