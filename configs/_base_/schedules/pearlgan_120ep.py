# PearlGAN on KAIST: Adam at 2e-4 for 60 epochs, then falling linearly over 60 more. The reference lowers the rate
# when an epoch is over: in the 0-based epoch e it is 2e-4 * (1 - max(0, e - 60) / 60).
_base_ = 'cyclegan_200ep.py'
train_cfg = dict(max_epochs=120, val_interval=5)
param_scheduler = dict(end_factor=1 / 60, begin=60, end=120)
