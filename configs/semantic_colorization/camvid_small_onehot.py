# camvid_small.py with a channel for each class in place of the class number.
_base_ = './camvid_small.py'
model = dict(generator=dict(label_encoding='onehot'))
