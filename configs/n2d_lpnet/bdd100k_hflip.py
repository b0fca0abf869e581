# Horizontal flips only: vertical flips and transposes are LPTN's augmentation, and no road scene looks like that.
_base_ = './bdd100k.py'
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='RandomCropImages', crop_size=_base_.crop_size),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
train_dataloader = dict(dataset=dict(night=dict(pipeline=train_pipeline), day=dict(pipeline=train_pipeline)))
made_with = dict(train_pipeline=train_pipeline)
