# KAIST, 360x288: 1,674 visible days and 1,359 thermal nights to train, 500 thermal nights to test.
# python tools/dataset_converters/kaist.py <the download> data/kaist --masks <the authors' label maps>
# An expert's label maps of the days (label_day), for methods that read them, are made by
# python tools/pseudo_label/segment.py configs/_base_/experts/ocrnet_hr48_cityscapes.py \
#     data/kaist/train/day data/kaist/train/label_day
_base_ = '../dataloaders.py'
data_root = 'data/kaist'
allow_missing = False  # True: what is there of the published lists

train_dataloader = dict(
    dataset=dict(
        type='UnpairedDataset',
        day=dict(
            type='KAISTDataset', data_root=data_root, allow_missing=allow_missing, split='train', rendering='day',
            pipeline=_base_.train_pipeline),
        thermal=dict(
            type='KAISTDataset', data_root=data_root, allow_missing=allow_missing, split='train', rendering='thermal',
            pipeline=_base_.train_pipeline)))

# Without the label maps: test_dataloader = dict(dataset=dict(label=None)).
val_dataloader = dict(
    dataset=dict(
        type='SingleDomainDataset',
        domain='thermal',
        dataset=dict(
            type='KAISTDataset', data_root=data_root, allow_missing=allow_missing, split='test', rendering='thermal',
            test_mode=True, pipeline=_base_.test_pipeline),
        label='auto',
        boxes='auto'))
test_dataloader = val_dataloader

made_with = dict(
    data_root=data_root, allow_missing=allow_missing, crop_size=_base_.crop_size,
    train_pipeline=_base_.train_pipeline, test_pipeline=_base_.test_pipeline)
