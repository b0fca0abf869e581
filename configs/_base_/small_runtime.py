# Runs of minutes on a CPU: what is tested are weights averaged over about the last hundred iterations.
_base_ = 'default_runtime.py'
custom_hooks = [dict(type='GeneratorEMAHook', momentum=0.01)]
default_hooks = dict(checkpoint=dict(interval=200), logger=dict(interval=50))
