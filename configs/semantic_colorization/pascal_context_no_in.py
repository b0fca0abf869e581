# Figure 5's comparison: without instance norm, everything else the same.
_base_ = './pascal_context.py'
model = dict(generator=dict(grey_norm='none'))
