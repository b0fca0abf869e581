# Dark Zurich, test only: the nights of train and test, 2,416 + 151 = the 2,567 of the paper, at their full 1920x1080.
data_root = 'data/dark_zurich'
night_images = dict(type='DarkZurichDataset', data_root=data_root, split=('train', 'test'), timeofday='night')
test_pipeline = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]

test_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='SingleDomainDataset',
        domain='night',
        dataset=dict(**night_images, test_mode=True, pipeline=test_pipeline)))
