# What every run has in common. Iterations count everywhere; a config of an epoch-based method says so itself.
default_scope = 'nightgen'

default_hooks = dict(
    runtime_info=dict(type='LeanRuntimeInfoHook'),
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=100, log_metric_by_epoch=False),
    param_scheduler=dict(type='ParamSchedulerHook'),
    # Keeps the last three. The best one as well: default_hooks = dict(checkpoint={{_base_.best_checkpoint}}), a name
    # that the files of _base_/evaluators define.
    checkpoint=dict(type='ResumableCheckpointHook', by_epoch=False, interval=5000, max_keep_ckpts=3),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    check=dict(type='TranslatorCheckHook'),
    finite=dict(type='FiniteLossHook'),
    stages=dict(type='StageHook'),
    pictures=dict(type='PictureGridHook'))

# Averaged generator weights: custom_hooks = [dict(type='GeneratorEMAHook', momentum=0.001)]
custom_hooks = []

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'))  # without a GPU, tools/train.py and tools/test.py take gloo

# Gradients are averaged where an optimizer steps: networks are not wrapped. (The Runner looks this type up without the
# default scope, hence the prefix.)
model_wrapper_cfg = dict(type='nightgen.BroadcastWrapper')

# Every process draws its own random numbers; data order depends on the seed alone.
randomness = dict(seed=0, diff_rank_seed=True)

log_processor = dict(type='LogProcessor', window_size=100, by_epoch=False)
log_level = 'INFO'

# TensorBoard as well:
# visualizer = dict(vis_backends=[dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')])
visualizer = dict(type='TranslationVisualizer', vis_backends=[dict(type='LocalVisBackend')])

load_from = None
resume = False
