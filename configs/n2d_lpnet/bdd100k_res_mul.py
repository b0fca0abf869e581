# The guide as LPTN's released code applies it: the level block acts on F * A + F (specs/n2d_lpnet 1.4).
_base_ = './bdd100k.py'
model = dict(generator=dict(guide_mode='res_mul'))
