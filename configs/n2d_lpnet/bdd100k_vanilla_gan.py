# The adversarial loss as equation 3 prints it, with logarithms (specs/n2d_lpnet 8.6).
_base_ = './bdd100k.py'
model = dict(
    losses=[
        dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_day', target='real_night'), weight=0.25,
             name='loss_reconstruction'),
        dict(type='AdversarialLoss', mode='vanilla', scale_reduction='sum', reads=dict(real='real_*', fake='fake_*'),
             weight=0.1, discriminator_weight=0.5),
    ])
