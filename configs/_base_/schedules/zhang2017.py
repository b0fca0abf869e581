# 15 epochs of ImageNet at 1e-4 and 10 at 1e-5 in batches of 32, 1,000,800 iterations, Adam. The released training has
# these rates and epochs; its first 15 classify.
train_cfg = dict(type='ResumableTrainLoop', max_iters=1000800, val_interval=40032)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

optim_wrapper = dict(
    constructor='PlayerOptimWrapperConstructor',
    accumulate=1,
    amp='off',
    generator=dict(optimizer=dict(type='Adam', lr=1e-4, betas=(0.9, 0.999), fused=True)))
param_scheduler = dict(type='MultiStepLR', milestones=[600480], gamma=0.1, by_epoch=False)

# Learning rates are for this many images per update; tools/train.py --auto-scale-lr scales them to what a run has.
auto_scale_lr = dict(enable=False, base_batch_size=32)
