# MornGAN on KAIST: Adam at 2e-4 for 160 epochs, without decay (specs/morngan 2.12).
_base_ = 'cyclegan_200ep.py'
train_cfg = dict(max_epochs=160, val_interval=5)
param_scheduler = dict(_delete_=True, type='ConstantLR', by_epoch=True, factor=1.0)
