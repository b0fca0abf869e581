# N2D-LPNet on Nightscape with a third party's loss, backbone, transform and hook.
_base_ = 'nightgen::n2d_lpnet/nightscape.py'
custom_imports = dict(imports=['nightgen_example'])
model = dict(
    generator=dict(_delete_=True, type='ShallowNet'),
    losses=[
        dict(type='DarknessLoss', threshold=0.1, reads=dict(image='fake_*'), weight=2.0),
        dict(type='AdversarialLoss', mode='lsgan', scale_reduction='sum', reads=dict(real='real_*', fake='fake_*')),
    ])
custom_hooks = [dict(type='StepCounterHook')]
night_pipeline = [
    dict(type='LoadImage'),
    dict(type='UndoGamma', gamma=0.5),
    dict(type='RandomCropImages', crop_size=32),
    dict(type='PackTranslationInputs')]
day_pipeline = [dict(type='LoadImage'), dict(type='RandomCropImages', crop_size=32), dict(type='PackTranslationInputs')]
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(night=dict(pipeline=night_pipeline), day=dict(pipeline=day_pipeline)))
