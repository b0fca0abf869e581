# The small setting, row IN; see nightscape_small_bn.py.
_base_ = './nightscape_small_bn.py'
model = dict(
    generator=dict(encoder_norms='instance_affine', decoder_norms='instance_affine'),
    discriminator=dict(norm='instance_affine'))
