# ToDayGAN-NTIR, the baseline of MornGAN (specs: morngan 6): ToDayGAN-TIR with structured gradient alignment and two
# rules for night thermal images: they have no colour, and persons are warmer than roads (from epoch 10 on).
# Reads edge maps of both domains and label maps of the days.
_base_ = './todaygan_tir.py'
model = dict(
    inputs=('edges_day', 'edges_thermal', 'label_day'),
    losses=[
        *_base_.model.losses,
        dict(type='StructuredGradientAlignmentLoss', threshold=0.8,
             reads=dict(translated='fake_*', edges='edges_~'), weight=0.5),
        dict(type='MonochromaticLoss', reads=dict(image='fake_thermal')),
        dict(type='TemperatureLoss', reads=dict(image='fake_thermal', label='label_day'), begin=10),
    ])
