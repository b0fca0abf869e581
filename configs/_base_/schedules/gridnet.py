# 1,000 epochs of 631 batches of 16 = 631,000 iterations, Adam 1e-4 without decay (specs/semantic_colorization 6), in
# mmseg's loop, with its IoU.
train_cfg = dict(type='IterBasedTrainLoop', max_iters=631000, val_interval=31550)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
val_evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
test_evaluator = val_evaluator
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-4, betas=(0.9, 0.999)))

default_hooks = dict(
    logger=dict(type='LoggerHook', interval=100, log_metric_by_epoch=False),
    checkpoint=dict(type='nightgen.ResumableCheckpointHook', by_epoch=False, interval=5000, max_keep_ckpts=3))
custom_hooks = []
log_processor = dict(by_epoch=False, window_size=100)
env_cfg = dict(mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0), dist_cfg=dict(backend='nccl'))
randomness = dict(seed=0)
visualizer = dict(type='SegLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
