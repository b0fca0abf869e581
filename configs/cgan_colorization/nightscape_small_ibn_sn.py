# The small setting, row IBN + SN, of Figure 3; see nightscape_small_bn.py.
_base_ = './nightscape_small_bn.py'
model = dict(
    generator=dict(decoder_norms=['batch'] * 4 + ['instance_affine'], spectral=True),
    discriminator=dict(norm=['instance_affine', 'batch', 'batch'], spectral=True))
