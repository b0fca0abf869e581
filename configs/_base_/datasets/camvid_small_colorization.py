# As camvid_colorization.py at 192x144, crops of 128, for runs of minutes.
_base_ = 'camvid_colorization.py'
crop_size = 128
small = dict(type='ResizeImages', size=(144, 192))
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadBeside'),
    small,
    dict(type='RandomCropImages', crop_size=crop_size),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
test_pipeline = [dict(type='LoadImage'), dict(type='LoadBeside'), small, dict(type='PackTranslationInputs')]

train_dataloader = dict(dataset=dict(dataset=dict(pipeline=train_pipeline)))
val_dataloader = dict(dataset=dict(dataset=dict(pipeline=test_pipeline)))
test_dataloader = dict(dataset=dict(dataset=dict(pipeline=test_pipeline)))

made_with = dict(crop_size=crop_size, train_pipeline=train_pipeline, test_pipeline=test_pipeline)
