# PearlGAN on FLIR: Adam at 2e-4 for 40 epochs, then falling linearly over 40 more. The reference lowers the rate
# when an epoch is over: in the 0-based epoch e it is 2e-4 * (1 - max(0, e - 40) / 40).
_base_ = 'cyclegan_200ep.py'
train_cfg = dict(max_epochs=80, val_interval=5)
param_scheduler = dict(end_factor=1 / 40, begin=40, end=80)
