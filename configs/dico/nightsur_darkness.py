# DiCo on NightSuR's scene "darkness"; a model for each scene.
_base_ = 'nightsur_traffic.py'
_scene = dict(scene='darkness')
train_dataloader = dict(dataset=dict(night=_scene, day=_scene))
val_dataloader = dict(dataset=dict(dataset=_scene))
test_dataloader = dict(dataset=dict(dataset=_scene))
test_evaluator = [
    dict(metric, real=dict(metric['real'], **_scene)) if 'real' in metric else metric
    for metric in _base_.test_evaluator]
