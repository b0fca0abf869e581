# Row BN + SN + MD of Table I: BN + SN with three discriminators, at full, half and quarter size.
_base_ = './imagenet_bn_sn.py'
model = dict(discriminator=dict(num_scales=3))
