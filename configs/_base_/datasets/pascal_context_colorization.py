# PASCAL-Context in colour with its label maps, scaled to 360x360 whatever the shape, crops of 352 (specs/
# semantic_colorization 5). As the paper does, training takes trainval: the val split below is seen in training and
# tells only whether it works. Held out: train_dataloader.dataset.dataset.split=train. The data:
# python tools/dataset_converters/pascal_context.py data/VOCdevkit/VOC2010 data/pascal_context/trainval
_base_ = '../dataloaders.py'
data_root = 'data/VOCdevkit/VOC2010'
crop_size = 352
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadBeside'),
    dict(type='ResizeImages', size=360),
    dict(type='RandomCropImages', crop_size=crop_size),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadBeside'),
    dict(type='ResizeImages', size=crop_size),
    dict(type='PackTranslationInputs')]

train_dataloader = dict(
    batch_size=16,
    dataset=dict(
        type='ColorizationDataset',
        truth=False,
        dataset=dict(
            type='PascalContextDataset', data_root=data_root, split='trainval', inputs=('label',),
            pipeline=train_pipeline)))

val_dataloader = dict(
    batch_size=8,
    collate_fn=dict(type='stack_collate'),
    dataset=dict(
        type='ColorizationDataset',
        dataset=dict(
            type='PascalContextDataset', data_root=data_root, split='val', inputs=('label',), test_mode=True,
            pipeline=test_pipeline)))
test_dataloader = val_dataloader

made_with = dict(
    data_root=data_root, crop_size=crop_size, train_pipeline=train_pipeline, test_pipeline=test_pipeline)
