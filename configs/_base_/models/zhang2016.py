# "Colorful Image Colorization" (Zhang, Isola, Efros, ECCV 2016): each pixel's bin of 313 of the ab plane, soft-encoded
# over five neighbours, rare colours weighing more by the prior of the training images; the colour is the annealed mean
# of temperature 0.38. The prior is counted by
# python tools/dataset_converters/color_prior.py <folder of training images> <prior>
model = dict(
    type='BinnedColorizationTranslator',
    domains=('color',),
    generator=dict(type='ColorBinsNet', temperature=0.38),
    turns=[('generator',)],
    losses=[
        dict(type='ColorBinsLoss', prior='data/imagenet_color_prior.json', uniform=0.5, neighbours=5, sigma=5.0,
             reads=dict(bin_logits='logits_chroma', chroma='real_chroma'))])
# What get_flops.py counts: one channel at the size that photos are coloured at.
inference_shape = (1, 256, 256)
