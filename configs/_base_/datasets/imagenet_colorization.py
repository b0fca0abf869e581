# ImageNet as the paper takes it: trained on the validation set, tested on 10 images of each class of the training set,
# resized to 256x256 by nearest neighbour whatever their shape; no crop, no flip (specs/cgan_colorization 7). The lists:
# python tools/dataset_converters/imagenet_colorization.py data/imagenet
_base_ = '../dataloaders.py'
data_root = 'data/imagenet'
crop_size = None
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='ResizeImages', size=256, interpolation='nearest'),
    dict(type='PackTranslationInputs')]
test_pipeline = train_pipeline

train_dataloader = dict(
    dataset=dict(
        type='ColorizationDataset',
        truth=False,
        dataset=dict(
            type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='val'),
            ann_file='lists/colorization_train.txt', pipeline=train_pipeline)))

# One test image of each class while training, all ten at the end.
val_dataloader = dict(
    batch_size=16,
    collate_fn=dict(type='stack_collate'),
    dataset=dict(
        type='ColorizationDataset',
        dataset=dict(
            type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='train'), test_mode=True,
            ann_file='lists/colorization_val.txt', pipeline=test_pipeline)))
test_dataloader = dict(
    batch_size=16,
    collate_fn=dict(type='stack_collate'),
    dataset=dict(
        type='ColorizationDataset',
        dataset=dict(
            type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='train'), test_mode=True,
            ann_file='lists/colorization_test.txt', pipeline=test_pipeline)))

made_with = dict(data_root=data_root, train_pipeline=train_pipeline, test_pipeline=test_pipeline)
