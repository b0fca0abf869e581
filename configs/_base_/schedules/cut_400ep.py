# CUT: Adam at 2e-4 for 200 epochs, then falling linearly towards 0 over 200 more. In the 0-based epoch e the rate is
# that of the reference, 2e-4 * (1 - max(0, e - 199) / 201).
_base_ = 'cyclegan_200ep.py'
train_cfg = dict(max_epochs=400)
param_scheduler = dict(begin=199, end=400, end_factor=1 / 201)
