# The small setting without instance norm.
_base_ = './nightscape_small.py'
model = dict(generator=dict(grey_norm='none'))
