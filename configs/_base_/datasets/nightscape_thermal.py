# Nightscape driving views, 512x256, thermal to day: unpaired thermal nights and days to train; val and test thermal
# nights beside their hidden days, those of test with label maps and boxes. The data: see nightscape.py.
_base_ = 'nightscape.py'
thermal_images = dict(_base_.night_images, rendering='thermal')

train_dataloader = dict(
    batch_size=1,
    dataset=dict(
        _delete_=True,
        type='UnpairedDataset',
        day=dict(**_base_.day_images, split='train', pipeline=_base_.train_pipeline),
        thermal=dict(**thermal_images, split='train', pipeline=_base_.train_pipeline)))
val_dataloader = dict(dataset=dict(domain='thermal', dataset=dict(rendering='thermal')))
test_dataloader = dict(
    dataset=dict(
        domain='thermal',
        dataset=dict(rendering='thermal'),
        label='data/nightscape/test/label',
        boxes='data/nightscape/test/boxes_thermal.json'))
