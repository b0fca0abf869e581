# 450,000 iterations of 40 images: Adam at 3e-5, 1e-5 from 200,000 and 3e-6 from 375,000 on, beta2 0.99, decay 1e-3
# (added to the gradient, as Caffe does).
train_cfg = dict(type='ResumableTrainLoop', max_iters=450000, val_interval=25000)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

optim_wrapper = dict(
    constructor='PlayerOptimWrapperConstructor',
    accumulate=1,
    amp='off',
    generator=dict(optimizer=dict(type='Adam', lr=3e-5, betas=(0.9, 0.99), weight_decay=1e-3, fused=True)))
param_scheduler = dict(type='MultiStepLR', milestones=[200000, 375000], gamma=10 ** -0.5, by_epoch=False)

# Learning rates are for this many images per update; tools/train.py --auto-scale-lr scales them to what a run has.
auto_scale_lr = dict(enable=False, base_batch_size=40)
