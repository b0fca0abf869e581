# Row BN + SN of Table I: batch norm, spectral norm in every convolution of both networks.
_base_ = './imagenet_bn.py'
model = dict(
    generator=dict(spectral=True),
    discriminator=dict(spectral=True))
