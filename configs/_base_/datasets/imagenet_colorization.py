# ImageNet as the paper takes it: trained on the validation set, tested on 10 images of each class of the training set,
# resized to 256x256 by nearest neighbour whatever their shape; no crop, no flip (specs/cgan_colorization 7). The lists:
# python tools/dataset_converters/imagenet_colorization.py data/imagenet
data_root = 'data/imagenet'
train_images = dict(
    type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='val'),
    ann_file='lists/colorization_train.txt')
test_images = dict(
    type='ImageFolderDataset', data_root=data_root, data_prefix=dict(img='train'), test_mode=True)
pipeline = [
    dict(type='LoadImage'),
    dict(type='ResizeImages', size=256, interpolation='nearest'),
    dict(type='PackTranslationInputs')]

train_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='ResumableSampler'),
    collate_fn=dict(type='stack_collate'),
    dataset=dict(type='ColorizationDataset', truth=False, dataset=dict(**train_images, pipeline=pipeline)))

# One test image of each class while training, all ten at the end.
val_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='stack_collate'),
    dataset=dict(
        type='ColorizationDataset',
        dataset=dict(**test_images, ann_file='lists/colorization_val.txt', pipeline=pipeline)))

test_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='stack_collate'),
    dataset=dict(
        type='ColorizationDataset',
        dataset=dict(**test_images, ann_file='lists/colorization_test.txt', pipeline=pipeline)))
