# "Pixel attention" in its strict reading: the guide goes through a sigmoid and can only damp (specs/n2d_lpnet 1.5).
_base_ = './bdd100k.py'
model = dict(generator=dict(guide_act='sigmoid'))
