# Fixed cameras: <data_root>/train/<camera>/{day,night}/* to train, <data_root>/val/<camera>/night/* to translate, and
# <data_root>/references/<camera>.png of both. Any number of cameras and sizes; a camera's pictures have one size.
# for split in train val; do python tools/dataset_converters/make_reference.py data/cameras/$split \
#     data/cameras/references --cameras '{camera}/day' --spread; done
_base_ = '../dataloaders.py'
data_root = 'data/cameras'
_reference = '{root}/references/{camera}.png'
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadBeside'),
    dict(type='ResizeImages', short_side=286),
    dict(type='RandomCropImages', crop_size=_base_.crop_size),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
test_pipeline = [dict(type='LoadImage'), dict(type='ResizeImages', short_side=256), dict(type='PackTranslationInputs')]

train_dataloader = dict(
    dataset=dict(
        type='UnpairedDataset',
        night=dict(
            type='FixedCameraDataset', data_root=data_root, data_prefix=dict(img='train'), timeofday='night',
            inputs=('reference_day',), reference=_reference, pipeline=train_pipeline),
        day=dict(
            type='FixedCameraDataset', data_root=data_root, data_prefix=dict(img='train'), timeofday='day',
            pipeline=train_pipeline)))

val_dataloader = dict(
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(
            type='FixedCameraDataset', data_root=data_root, data_prefix=dict(img='val'), timeofday='night',
            test_mode=True, pipeline=test_pipeline)))
test_dataloader = val_dataloader

made_with = dict(
    data_root=data_root, crop_size=_base_.crop_size, train_pipeline=train_pipeline, test_pipeline=test_pipeline)
