# NightSuR, one scene (traffic; a config names another): <data_root>/train/<scene>/{day,night}/*, and the same below
# val. The data set is not public, and its splits were not published. Pictures are brought to 286x286, as F-LSeSim does.
# make_reference.py data/nightsur/train data/nightsur/references --cameras '{camera}/day' --mode frame; for a scene that
# is never empty (traffic) --mode mean, as in the paper.
_base_ = '../dataloaders_286.py'
data_root = 'data/nightsur'
_reference = '{root}/references/{camera}.png'

train_dataloader = dict(
    dataset=dict(
        type='UnpairedDataset',
        night=dict(
            type='NightSuRDataset', scene='traffic', data_root=data_root, data_prefix=dict(img='train'),
            timeofday='night', inputs=('reference_day',), reference=_reference, pipeline=_base_.train_pipeline),
        day=dict(
            type='NightSuRDataset', scene='traffic', data_root=data_root, data_prefix=dict(img='train'),
            timeofday='day', pipeline=_base_.train_pipeline)))

val_dataloader = dict(
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(
            type='NightSuRDataset', scene='traffic', data_root=data_root, data_prefix=dict(img='val'),
            timeofday='night', test_mode=True, pipeline=_base_.test_pipeline)))
test_dataloader = val_dataloader

made_with = dict(
    data_root=data_root, crop_size=_base_.crop_size, train_pipeline=_base_.train_pipeline,
    test_pipeline=_base_.test_pipeline)
