# pix2pix as it was released for colorization (Isola et al., CVPR 2017; specs/cgan_colorization 14): unet_256 with
# dropout, 54,409,858 parameters from 1 to 2 channels, 70x70 PatchGAN, vanilla GAN + 100 * L1, weights from N(0, 0.02).
model = dict(
    type='ColorizationTranslator',
    domains=('color',),
    generator=dict(
        type='UNet',
        num_levels=8,
        encoder_norms=['none', *['batch'] * 6, 'none'],
        decoder_norms='batch',
        upsampling='transposed',
        bias=False,
        dropout=[0, 0.5, 0.5, 0.5, 0, 0, 0],
        skip_activation='relu',
        init_cfg=[
            dict(type='Normal', layer=['Conv2d', 'ConvTranspose2d'], std=0.02),
            dict(type='Normal', layer='BatchNorm2d', mean=1, std=0.02)]),
    discriminator=dict(
        type='PatchDiscriminator',
        norm='batch',
        norm_bias=False,
        init_cfg=[
            dict(type='Normal', layer='Conv2d', std=0.02), dict(type='Normal', layer='BatchNorm2d', mean=1, std=0.02)]),
    turns=[('discriminator',), ('generator',)],
    losses=[
        dict(type='AdversarialLoss', mode='vanilla', reads=dict(real='real_lab', fake='fake_lab'),
             discriminator='chroma', discriminator_weight=0.5),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_*', target='real_*'), weight=100.0, name='loss_l1'),
    ])
inference_shape = (1, 256, 256)
