# ToDayGAN-TIR (Luo et al.; specs: morngan 6): ToDayGAN with group norm in the decoders and spectral norm in place of
# instance norm in the discriminators; SSIM of the cycles from epoch 10 on; total variation.
_base_ = './todaygan.py'
model = dict(
    generator=dict(decoder=dict(up_norm='group')),
    discriminator=dict(norm='none', spectral=True),
    losses=[
        *_base_.model.losses,
        dict(type='SSIMLoss', window_size=3, reads=dict(pred='rec_*', target='real_*'), begin=10,
             name='loss_cycle_ssim'),
        dict(type='TotalVariationLoss', reads=dict(image='fake_*'), weight=5.0),
    ])
