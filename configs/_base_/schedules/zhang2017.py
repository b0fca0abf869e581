# 15 epochs of ImageNet at 1e-4 and 10 at 1e-5 in batches of 32, 1,000,800 iterations, Adam. The released training has
# these rates and epochs; its first 15 classify.
_base_ = 'semantic_colorization.py'
train_cfg = dict(max_iters=1000800, val_interval=40032)
param_scheduler = dict(type='MultiStepLR', milestones=[600480], gamma=0.1, by_epoch=False)
auto_scale_lr = dict(base_batch_size=32)
