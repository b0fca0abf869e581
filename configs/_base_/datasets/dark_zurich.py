# Dark Zurich, test only: the nights of train and test, 2,416 + 151 = the 2,567 of the paper, at their full 1920x1080.
_base_ = '../dataloaders.py'
data_root = 'data/dark_zurich'
crop_size = train_pipeline = train_dataloader = val_dataloader = None

test_dataloader = dict(
    num_workers=4,
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(
            type='DarkZurichDataset', data_root=data_root, split=('train', 'test'), timeofday='night', test_mode=True,
            pipeline=_base_.test_pipeline)))

made_with = dict(data_root=data_root, test_pipeline=_base_.test_pipeline)
