# Without instance norm, everything else as in nightscape.py.
_base_ = './nightscape.py'
model = dict(generator=dict(grey_norm='none'))
