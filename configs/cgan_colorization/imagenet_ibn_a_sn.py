# IBN-a of IBN-Net in place of the paper's IBN: half instance, half batch norm in the two blocks that have IN there.
_base_ = './imagenet_ibn_sn.py'
model = dict(
    generator=dict(decoder_norms=['batch'] * 5 + ['ibn_a']), discriminator=dict(norm=['ibn_a', 'batch', 'batch']))
