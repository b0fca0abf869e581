# Four pyramid levels (the paper's table 2).
_base_ = './bdd100k.py'
model = dict(generator=dict(pyramid=dict(num_levels=4)))
