# UNIT: 1,000,000 iterations of one image per domain, Adam at 1e-4 with weight decay 1e-4, halved every 100,000.
train_cfg = dict(type='ResumableTrainLoop', max_iters=1000000, val_interval=20000)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

optim_wrapper = dict(
    constructor='PlayerOptimWrapperConstructor',
    accumulate=1,
    amp='off',
    generator=dict(optimizer=dict(type='Adam', lr=1e-4, betas=(0.5, 0.999), weight_decay=1e-4, fused=True)),
    discriminator=dict(optimizer=dict(type='Adam', lr=1e-4, betas=(0.5, 0.999), weight_decay=1e-4, fused=True)))

param_scheduler = dict(type='StepLR', by_epoch=False, step_size=100000, gamma=0.5)

# Learning rates are for this many images per update; tools/train.py --auto-scale-lr scales them to what a run has.
auto_scale_lr = dict(enable=False, base_batch_size=1)
