# How pictures come to a model, whatever data set they are of: a data set's file inherits from this one and fills in
# `dataset`. Batches of one; a method's config says what it trains with.
# What lies beside an image (edges, label maps) is loaded where a method asks for it with
# train_dataloader = dict(dataset=dict(inputs=('edges_day', ...))), and is cropped and flipped with the image. Edges
# that no folder has are found in the whole picture by MATLAB's Canny with [0.1 0.2], as PearlGAN's of day pictures. The
# detector of its thermal edges is not public: these are Canny's after a Gaussian.
# crop_size, both pipelines and a data set's data_root may be given another value in a child config or by --cfg-options;
# tools put it wherever the one that made_with records stands.
crop_size = 256
train_pipeline = [
    dict(type='LoadImage'),
    dict(
        type='LoadBeside',
        make=dict(edges=dict(day=dict(type='CannyEdges'), thermal=dict(type='CannyEdges', blur=1.0)))),
    dict(type='RandomCropImages', crop_size=crop_size),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
test_pipeline = [dict(type='LoadImage'), dict(type='PackTranslationInputs')]

train_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='ResumableSampler'),
    collate_fn=dict(type='stack_collate'))

val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    collate_fn=dict(type='list_collate'))

test_dataloader = val_dataloader
