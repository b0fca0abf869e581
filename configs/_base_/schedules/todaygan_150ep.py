# ToDayGAN: Adam at 2e-4 for 75 epochs, then falling linearly over 75 more. The reference lowers the rate
# when an epoch is over: in the 0-based epoch e it is 2e-4 * (1 - max(0, e - 75) / 75).
_base_ = 'cyclegan_200ep.py'
train_cfg = dict(max_epochs=150, val_interval=10)
param_scheduler = dict(end_factor=1 / 75, begin=75, end=150)
