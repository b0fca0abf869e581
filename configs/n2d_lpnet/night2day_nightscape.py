# night2day on Nightscape in place of real images: a candidate of docs/models.md by itself, and a first stage:
#   python tools/dataset_converters/nightscape.py --out data/nightscape --train 600 --val 20 --test 100 --seed 1
#   python tools/train.py configs/n2d_lpnet/night2day_nightscape.py
#   python tools/train.py configs/n2d_lpnet/night2day.py --cfg-options load_from=FIRST data_root=data/night2day
_base_ = 'night2day.py'
data_root = 'data/nightscape'
_folder = dict(data_root=data_root)
train_dataloader = dict(dataset=dict(night=_folder, day=_folder))
val_dataloader = dict(dataset=dict(dataset=_folder))
test_dataloader = val_dataloader
made_with = dict(data_root=data_root)
