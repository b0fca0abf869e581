# BDD100K as DiCo takes it: nights in any weather, clear days, and the mean of 512 such days as every night's reference:
# make_reference.py data/bdd100k/images/100k/train data/bdd100k/reference_day.png --mode mean \
#     --list data/bdd100k/lists/train_day.txt, of bdd100k_lists.py data/bdd100k --weather clear
_base_ = '../dataloaders_286.py'
data_root = 'data/bdd100k'
_reference = '{root}/reference_day.png'

train_dataloader = dict(
    num_workers=8,
    dataset=dict(
        type='UnpairedDataset',
        night=dict(
            type='BDD100KDataset', data_root=data_root, split='train', timeofday='night', domain='night',
            inputs=('reference_day',), reference=_reference, pipeline=_base_.train_pipeline),
        day=dict(
            type='BDD100KDataset', data_root=data_root, split='train', timeofday='daytime', weather='clear',
            domain='day', pipeline=_base_.train_pipeline)))

val_dataloader = dict(
    num_workers=4,
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(
            type='BDD100KDataset', data_root=data_root, split='val', timeofday='night', domain='night',
            test_mode=True, pipeline=_base_.test_pipeline)))
test_dataloader = val_dataloader

made_with = dict(
    data_root=data_root, crop_size=_base_.crop_size, train_pipeline=_base_.train_pipeline,
    test_pipeline=_base_.test_pipeline)
