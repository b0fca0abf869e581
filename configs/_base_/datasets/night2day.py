# Real nights and days that are no pairs: <data_root>/{train,val}/{night,day}, 16:9, 320x180 or more. Trained on crops
# of 256x144 from images of 180 rows; translated at their own size.
_base_ = 'image_folders.py'
crop_size = (144, 256)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='ResizeImages', short_side=180),
    dict(type='RandomCropImages', crop_size=crop_size),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]
_folder = dict(pipeline=train_pipeline)
train_dataloader = dict(num_workers=2, dataset=dict(night=_folder, day=_folder))
val_dataloader = dict(dataset=dict(dataset=dict(data_prefix=dict(img='val/night'))))
test_dataloader = val_dataloader
made_with = dict(crop_size=crop_size, train_pipeline=train_pipeline)
