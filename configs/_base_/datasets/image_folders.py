# Your own pictures: <data_root>/train/night, train/day and test/night; any file names, any size of at least the crop.
data_root = 'data/my_images'
night_images = dict(type='ImageFolderDataset', data_root=data_root, domain='night')
day_images = dict(type='ImageFolderDataset', data_root=data_root, domain='day')
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='RandomCropImages', crop_size=256),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
test_pipeline = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]

train_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='ResumableSampler'),
    collate_fn=dict(type='stack_collate'),
    dataset=dict(
        type='UnpairedDataset',
        night=dict(**night_images, data_prefix=dict(img='train/night'), pipeline=train_pipeline),
        day=dict(**day_images, data_prefix=dict(img='train/day'), pipeline=train_pipeline)))

val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(**night_images, data_prefix=dict(img='test/night'), test_mode=True, pipeline=test_pipeline)))

test_dataloader = val_dataloader
