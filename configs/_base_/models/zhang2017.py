# The regression of "Real-Time User-Guided Image Colorization with Learned Deep Priors" (Zhang et al., SIGGRAPH 2017)
# without hints: a U-Net with dilated blocks, smooth L1 of ab, linear from 1 Lab unit on. It is trained from scratch: no
# weights of Zhang 2016 are needed.
model = dict(
    type='ColorizationTranslator',
    domains=('color',),
    generator=dict(type='DilatedUNet'),
    turns=[('generator',)],
    losses=[
        dict(type='PixelLoss', kind='smooth_l1', delta=1 / 110, reads=dict(pred='fake_*', target='real_*'),
             name='loss_smooth_l1')])
# What get_flops.py counts: one channel at the size that photos are coloured at.
inference_shape = (1, 256, 256)
