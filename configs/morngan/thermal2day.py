# MornGAN for thermal images of streets at night, from Nightscape alone: morngan_thermal2day, whose weights are shipped.
# Its card: docs/models.md. The recipe is that of nightscape_small_long.py, seed 0.
#   python tools/train.py configs/morngan/thermal2day.py --amp bf16
_base_ = 'nightscape_small_long.py'
