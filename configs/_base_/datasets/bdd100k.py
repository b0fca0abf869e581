# BDD100K: 3,600 nights and 3,600 days to train, 400 nights to test (specs/n2d_lpnet 5), at their full 1280x720.
# The lists come from: python tools/dataset_converters/bdd100k_lists.py data/bdd100k
# LPTN's augmentation, kept for fidelity; for road scenes vertical=0, transpose=0 is the natural one.
data_root = 'data/bdd100k'
night_images = dict(type='BDD100KDataset', data_root=data_root, domain='night')
day_images = dict(type='BDD100KDataset', data_root=data_root, domain='day')
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='RandomCropImages', crop_size=256),
    dict(type='RandomFlipTranspose', horizontal=0.5, vertical=0.5, transpose=0.5),
    dict(type='PackTranslationInputs')]
test_pipeline = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]

train_dataloader = dict(
    batch_size=16,
    num_workers=8,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='ResumableSampler'),
    collate_fn=dict(type='stack_collate'),
    dataset=dict(
        type='UnpairedDataset',
        night=dict(**night_images, split='train', ann_file='lists/train_night.txt', pipeline=train_pipeline),
        day=dict(**day_images, split='train', ann_file='lists/train_day.txt', pipeline=train_pipeline)))

val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(
            **night_images, split='val', ann_file='lists/test_night.txt', test_mode=True, pipeline=test_pipeline)))

test_dataloader = val_dataloader
