# The conditional GAN of "End-to-End Conditional GAN-based Architectures for Image Colourisation" with batch norm, the
# row BN of its Table I; the other rows change norms, spectral norm and scales (specs/cgan_colorization).
# LSGAN as in the released code, half of both sides in one step of the discriminator, true 70x70 patches, L1 * 100 once.
model = dict(
    type='ColorizationTranslator',
    domains=('color',),
    generator=dict(type='UNet', encoder_norms='batch', decoder_norms='batch'),
    discriminator=dict(
        type='PatchDiscriminator',
        norm='batch',
        init_cfg=dict(type='Xavier', layer='Conv2d', distribution='uniform', bias=0)),
    turns=[('discriminator',), ('generator',)],
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', scale_reduction='sum', reads=dict(real='real_lab', fake='fake_lab'),
             discriminator='chroma', discriminator_weight=0.5),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_*', target='real_*'), weight=100.0, name='loss_l1'),
    ])
# What get_flops.py counts: one channel at the size of the paper.
inference_shape = (1, 256, 256)
