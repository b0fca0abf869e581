# CycleGAN: Adam at 2e-4 for 100 epochs, then falling linearly towards 0 over 100 more. An epoch is a pass over the
# longer domain. In the 0-based epoch e the rate is that of the reference, 2e-4 * (1 - max(0, e - 99) / 101).
train_cfg = dict(type='ResumableEpochLoop', max_epochs=200, val_interval=10)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

optim_wrapper = dict(
    constructor='PlayerOptimWrapperConstructor',
    accumulate=1,
    amp='off',
    generator=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999), fused=True)),
    discriminator=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999), fused=True)))

param_scheduler = dict(
    type='LinearLR', by_epoch=True, start_factor=1.0, end_factor=1 / 101, begin=99, end=200)

# Learning rates are for this many images per update; tools/train.py --auto-scale-lr scales them to what a run has.
auto_scale_lr = dict(enable=False, base_batch_size=1)
