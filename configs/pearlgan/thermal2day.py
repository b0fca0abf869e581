# PearlGAN for thermal images of streets at night, from Nightscape alone: pearlgan_thermal2day, whose weights are
# shipped. Its card: docs/models.md. The recipe is that of nightscape_small.py; of its seeds 0, 1 and 2 this one was the
# best on val.
#   python tools/dataset_converters/nightscape.py --out data/nightscape_small --size 256x128 --train 600 --val 16 \
#       --test 100 --seed 1
#   python tools/train.py configs/pearlgan/thermal2day.py
_base_ = 'nightscape_small.py'
randomness = dict(seed=1)
