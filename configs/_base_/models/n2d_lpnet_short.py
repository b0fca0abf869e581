# N2D-LPNet for the short runs on Nightscape. It departs from the paper in this:
# - identity initialisation (specs/n2d_lpnet 10): torch's own starts with a guide near 0, which erases the high bands,
#   and a short run does not recover;
# - two terms are added: a day image has to stay what it is (L1, 0.5), which keeps colours natural, and total variation
#   (1), as the guide would else raise the sensor's grain;
# - the discriminator has half the width (2.1 M parameters in place of 8.3 M).
_base_ = ['n2d_lpnet.py']
model = dict(
    generator=dict(identity_init=True),
    discriminator=dict(base=32),
    channels_last=True,
    losses=[
        dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_day', target='real_night'), weight=0.25,
             name='loss_reconstruction'),
        dict(type='AdversarialLoss', mode='lsgan', scale_reduction='sum', reads=dict(real='real_*', fake='fake_*'),
             weight=0.1, discriminator_weight=0.5),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='idt_*', target='real_*'), weight=0.5, name='loss_identity'),
        dict(type='TotalVariationLoss', reads=dict(image='fake_*'), weight=1.0),
    ])
