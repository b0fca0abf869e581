# Row IN of Table I: instance norm everywhere, one discriminator.
_base_ = './imagenet_bn.py'
model = dict(
    generator=dict(encoder_norms='instance_affine', decoder_norms='instance_affine'),
    discriminator=dict(norm='instance_affine'))
