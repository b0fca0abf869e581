# Row IBN + SN + MD of Table I: IBN + SN with three discriminators, at full, half and quarter size.
_base_ = './imagenet_ibn_sn.py'
model = dict(discriminator=dict(num_scales=3))
