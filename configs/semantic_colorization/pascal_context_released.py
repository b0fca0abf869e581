# As the released application has it: slope 0.1, a leaky ReLU on the output, the weighted mean of RGB in place of L, ab
# divided by 127.5 (its offset of half a unit of Lab is left out).
_base_ = './pascal_context.py'
model = dict(
    ab_scale=127.5,
    luma_source='grey',
    generator=dict(slope=0.1, out_act='leaky_relu'))
