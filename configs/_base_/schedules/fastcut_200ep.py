# FastCUT: Adam at 2e-4 for 150 epochs, then falling linearly towards 0 over 50 more.
_base_ = 'cyclegan_200ep.py'
param_scheduler = dict(begin=149, end=200, end_factor=1 / 51)
