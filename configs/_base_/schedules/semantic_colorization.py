# 1,000 epochs of 631 batches of 16 = 631,000 iterations, Adam 1e-4 without decay (specs/semantic_colorization 6).
train_cfg = dict(type='ResumableTrainLoop', max_iters=631000, val_interval=31550)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

optim_wrapper = dict(
    constructor='PlayerOptimWrapperConstructor',
    accumulate=1,
    amp='off',
    generator=dict(optimizer=dict(type='Adam', lr=1e-4, betas=(0.9, 0.999), fused=True)))

# Learning rates are for this many images per update; tools/train.py --auto-scale-lr scales them to what a run has.
auto_scale_lr = dict(enable=False, base_batch_size=16)
