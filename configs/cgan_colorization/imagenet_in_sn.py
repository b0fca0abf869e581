# Row IN + SN of Table I: instance norm, spectral norm.
_base_ = './imagenet_bn.py'
model = dict(
    generator=dict(encoder_norms='instance_affine', decoder_norms='instance_affine', spectral=True),
    discriminator=dict(norm='instance_affine', spectral=True))
