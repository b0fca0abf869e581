# nightscape_small_long.py, fine-tuned on real frames that are no pairs: <data_root>/train/thermal and val/thermal
# (360x288, as FLIR's are prepared), train/day of about that height, and label maps of these days in train/label_day.
# The segmentation networks go on learning for 400 iterations (stage 3), then the whole method runs (stage 4). How the
# label maps are made and the run is started: see the README.
_base_ = './nightscape_small_long.py'
data_root = 'data/real_thermal'
_train = dict(_delete_=True, type='ImageFolderDataset', data_root=data_root, pipeline=_base_.train_pipeline)
_val = dict(
    _delete_=True, type='ImageFolderDataset', data_root=data_root, domain='thermal',
    data_prefix=dict(img='val/thermal'), test_mode=True, pipeline=_base_.test_pipeline)
train_dataloader = dict(dataset=dict(
    day=dict(_train, domain='day', data_prefix=dict(img='train/day'), beside=dict(label='train/label_day')),
    thermal=dict(_train, domain='thermal', data_prefix=dict(img='train/thermal'))))
val_dataloader = dict(dataset=dict(truth=None, dataset=_val))
test_dataloader = dict(dataset=dict(truth=None, label=None, boxes=None, dataset=_val))
made_with = dict(data_root=data_root)
train_cfg = dict(max_iters=1600, val_interval=1600)
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=1e-4)), segmentor=dict(optimizer=dict(lr=5e-4)),
    discriminator=dict(optimizer=dict(lr=1e-4)))
default_hooks = dict(checkpoint=dict(interval=200))
custom_hooks = [
    dict(type='GeneratorEMAHook', momentum=0.002),
    dict(type='LabelMemoryHook', label='own_label_thermal', begin=400, by_epoch=False)]
model = dict(
    players=dict(segmentor=dict(begin=0, end=400)),
    losses=[
        dict(term, **{border: 400 if term[border] == 3000 else 0 for border in ('begin', 'end') if border in term})
        for term in _base_.model.losses if term.get('end', 3000) == 3000])
val_evaluator = [dict(type='APCE'), dict(type='Colourfulness')]
test_evaluator = val_evaluator
