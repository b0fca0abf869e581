# Nightscape's fixed cameras, 512x256: unpaired nights and days of each camera to train; val and test nights beside
# their hidden days, those of test with label maps and boxes. The cameras' median days are there for who reads them:
# train_dataloader = dict(dataset=dict(night=dict(inputs=('reference_day',)))).
# python tools/dataset_converters/nightscape.py --out data/nightscape_cameras --view surveillance --cameras 6 \
#     --train 600 --val 20 --test 102 --seed 1
# python tools/dataset_converters/make_reference.py data/nightscape_cameras data/nightscape_cameras_references \
#     --cameras 'train/day/{camera}'
_base_ = 'nightscape.py'
data_root = 'data/nightscape_cameras'

train_dataloader = dict(
    dataset=dict(
        night=dict(data_root=data_root, reference='{root}_references/{camera}.png'),
        day=dict(data_root=data_root)))
val_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root), truth=dict(data_root=data_root)))
test_dataloader = dict(dataset=dict(dataset=dict(data_root=data_root), truth=dict(data_root=data_root)))

made_with = dict(data_root=data_root)
