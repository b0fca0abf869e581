# IBN + SN: the paper's IBN: one instance norm in each network, in the generator's last decoder block and the
# discriminator's second block, batch norm else; spectral norm; of Figure 3.
_base_ = './imagenet_bn.py'
model = dict(
    generator=dict(decoder_norms=['batch'] * 5 + ['instance_affine'], spectral=True),
    discriminator=dict(norm=['instance_affine', 'batch', 'batch'], spectral=True))
