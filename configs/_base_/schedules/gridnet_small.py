# A short run on two cores: Adam at 3e-3 falling to 0 in the second half of 300 iterations, bfloat16 (fast on a CPU with
# matrix instructions; slower, not wrong, on one without).
_base_ = ['./gridnet.py']
train_cfg = dict(max_iters=300, val_interval=300)
optim_wrapper = dict(optimizer=dict(lr=3e-3))
param_scheduler = dict(type='LinearLR', start_factor=1.0, end_factor=0.0, begin=150, end=300, by_epoch=False)
default_hooks = dict(logger=dict(interval=50), checkpoint=dict(interval=100, max_keep_ckpts=1))
custom_hooks = [dict(type='nightgen.AutocastHook', dtype='bf16')]
log_processor = dict(by_epoch=False, window_size=50)
