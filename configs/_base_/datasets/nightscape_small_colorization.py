# Nightscape's days in colour, 256x128, to take the colours of: crops of 128 to train, whole pictures to test.
# tools/quickstart.sh renders them; by hand:
# nightscape.py --out data/nightscape_small --size 256x128 --train 600 --val 16 --test 100 --seed 1
data_root = 'data/nightscape_small'
day_images = dict(type='NightscapeDataset', data_root=data_root, rendering='day')
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='RandomCropImages', crop_size=128),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
test_pipeline = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]

train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='ResumableSampler'),
    collate_fn=dict(type='stack_collate'),
    dataset=dict(
        type='ColorizationDataset',
        truth=False,
        dataset=dict(**day_images, split='train', pipeline=train_pipeline)))

val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='ColorizationDataset',
        dataset=dict(**day_images, split='val', test_mode=True, pipeline=test_pipeline)))

test_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='ColorizationDataset',
        dataset=dict(**day_images, split='test', test_mode=True, pipeline=test_pipeline)))
