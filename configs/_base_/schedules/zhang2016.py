# 450,000 iterations of 40 images: Adam at 3e-5, 1e-5 from 200,000 and 3e-6 from 375,000 on, beta2 0.99, decay 1e-3
# (added to the gradient, as Caffe does).
_base_ = 'semantic_colorization.py'
train_cfg = dict(max_iters=450000, val_interval=25000)
optim_wrapper = dict(generator=dict(optimizer=dict(lr=3e-5, betas=(0.9, 0.99), weight_decay=1e-3)))
param_scheduler = dict(type='MultiStepLR', milestones=[200000, 375000], gamma=10 ** -0.5, by_epoch=False)
auto_scale_lr = dict(base_batch_size=40)
