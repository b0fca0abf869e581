# CamVid with SegNet's 11 classes and what is none of them: data/camvid/{train,val}/{images,labels}, 480x360, label maps
# as PNGs of the pictures' names. Crops of 352, whole pictures to test.
_base_ = '../dataloaders.py'
data_root = 'data/camvid'
crop_size = 352
train_pipeline = [
    dict(step, crop_size=crop_size) if 'crop_size' in step else step for step in _base_.train_pipeline]
test_pipeline = [dict(type='LoadImage'), dict(type='LoadBeside'), dict(type='PackTranslationInputs')]

train_dataloader = dict(
    num_workers=2,
    dataset=dict(
        type='ColorizationDataset',
        truth=False,
        dataset=dict(
            type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='train/images'), label_set='camvid',
            beside=dict(label='train/labels'), inputs=('label',), pipeline=train_pipeline)))

val_dataloader = dict(
    num_workers=1,
    dataset=dict(
        type='ColorizationDataset',
        dataset=dict(
            type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='val/images'), label_set='camvid',
            beside=dict(label='val/labels'), inputs=('label',), test_mode=True, pipeline=test_pipeline)))
test_dataloader = val_dataloader

made_with = dict(
    data_root=data_root, crop_size=crop_size, train_pipeline=train_pipeline, test_pipeline=test_pipeline)
