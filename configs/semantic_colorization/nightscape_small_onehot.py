# The small setting with a channel for each class in place of the class number, which puts classes in an arbitrary
# order: the first convolution of labels is then of its own, all others are shared.
_base_ = './nightscape_small.py'
model = dict(generator=dict(label_encoding='onehot'))
