# Row BN with transposed convolutions in place of resize and convolution.
_base_ = './imagenet_bn.py'
model = dict(generator=dict(upsampling='transposed'))
