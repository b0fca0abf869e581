# The paper's text read literally: five layers, four of which halve the size; 14,111,136 parameters.
_base_ = './pascal_context.py'
model = dict(generator=dict(widths=(32, 64, 128, 256, 512)))
