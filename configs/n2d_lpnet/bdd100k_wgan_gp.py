# The recipe of LPTN's released code (specs/n2d_lpnet 3): squared error * 1000, Wasserstein loss * 1, gradient penalty
# * 100, one small discriminator. 1000 in [0, 1] is 250 in [-1, 1]; the penalty is measured in [0, 1] as there.
_base_ = './bdd100k.py'
model = dict(
    discriminator=dict(_delete_=True, type='LPTNDiscriminator'),
    losses=[
        dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_day', target='real_night'), weight=250.0,
             name='loss_reconstruction'),
        dict(type='AdversarialLoss', mode='wgan', reads=dict(real='real_*', fake='fake_*')),
        dict(type='GradientPenaltyLoss', unit_range=True, reads=dict(real='real_*', fake='fake_*'), weight=100.0,
             drives='discriminator'),
    ])
