# DiCo with a mixture of three channels: the generator has the size of one for RGB.
_base_ = 'nightsur_traffic.py'
model = dict(generator=dict(invariant=dict(out_channels=3)))
