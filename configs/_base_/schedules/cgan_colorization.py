# 200 epochs of 3,125 batches of 16 = 625,000 iterations, Adam 2e-4 without decay (specs/cgan_colorization 8).
train_cfg = dict(type='ResumableTrainLoop', max_iters=625000, val_interval=31250)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

optim_wrapper = dict(
    constructor='PlayerOptimWrapperConstructor',
    accumulate=1,
    amp='off',
    generator=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999), fused=True)),
    discriminator=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999), fused=True)))

# Learning rates are for this many images per update; tools/train.py --auto-scale-lr scales them to what a run has.
auto_scale_lr = dict(enable=False, base_batch_size=16)
