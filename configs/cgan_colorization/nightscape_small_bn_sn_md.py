# The small setting, row BN + SN + MD; see nightscape_small_bn.py.
_base_ = './nightscape_small_bn.py'
model = dict(
    generator=dict(spectral=True),
    discriminator=dict(spectral=True, num_scales=3))
