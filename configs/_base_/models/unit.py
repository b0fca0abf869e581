# UNIT (Liu et al., NeurIPS 2017): two variational autoencoders with a shared latent space. Networks and weights are
# those of its later code (the MUNIT repository), the shared residual block is the paper's; no perceptual term.
# A config states its own domains.
gaussian_init = dict(type='Normal', layer='Conv2d', std=0.02)
model = dict(
    type='UNITTranslator',
    domains=('day', 'thermal'),
    shared_blocks=1,
    generator=dict(
        type='SplitGenerator', encoder=dict(type='ContentEncoder'), decoder=dict(type='ContentDecoder')),
    discriminator=dict(
        type='MultiScalePatchDiscriminator', norm='none', padding_mode='reflect', head_kernel=1,
        init_cfg=gaussian_init),
    turns=[('discriminator',), ('generator',)],
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', scale_reduction='sum', reads=dict(real='real_*', fake='fake_*')),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='idt_*', target='real_*'), weight=10.0,
             name='loss_reconstruction'),
        dict(type='GaussianPriorLoss', reads=dict(latent='latent_*'), weight=0.01),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='rec_*', target='real_*'), weight=10.0, name='loss_cycle'),
        dict(type='GaussianPriorLoss', reads=dict(latent='latent_fake_*'), weight=0.01, name='loss_cycle_prior'),
    ],
    data_preprocessor=dict(type='TranslationDataPreprocessor'))
