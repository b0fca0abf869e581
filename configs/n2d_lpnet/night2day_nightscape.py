# night2day_tones on Nightscape in place of real images: a candidate of docs/models.md by itself, and a first stage:
#   python tools/dataset_converters/nightscape.py --out data/nightscape --train 600 --val 20 --test 100 --seed 1
#   python tools/train.py configs/n2d_lpnet/night2day_nightscape.py
#   python tools/train.py configs/n2d_lpnet/night2day_tones.py --cfg-options load_from=FIRST data_root=data/night2day
_base_ = 'night2day_tones.py'
data_root = 'data/nightscape'
