# As nightscape_colorization.py, with the true label maps of the days beside them: 19 classes of Cityscapes, and what
# has none.
_base_ = 'nightscape_colorization.py'
test_pipeline = [dict(type='LoadImage'), dict(type='LoadBeside'), dict(type='PackTranslationInputs')]
labelled = dict(label_set='cityscapes', inputs=('label',))

train_dataloader = dict(dataset=dict(dataset=dict(beside=dict(label='train/label'), **labelled)))
val_dataloader = dict(
    dataset=dict(dataset=dict(beside=dict(label='val/label'), pipeline=test_pipeline, **labelled)))
test_dataloader = dict(
    dataset=dict(dataset=dict(beside=dict(label='test/label'), pipeline=test_pipeline, **labelled)))

made_with = dict(test_pipeline=test_pipeline)
