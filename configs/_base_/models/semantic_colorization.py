# The colour network of "Semantic-driven Colorization" in the released layout: two streams through one encoder, Huber
# loss on ab, nothing else (specs/semantic_colorization 3, 4). Label maps of PASCAL-Context's 60 classes.
model = dict(
    type='SemanticColorizationTranslator',
    domains=('color',),
    label_set='pascal_context',
    ab_scale=128.0,
    photo_size=(352, 352),
    generator=dict(type='TwoStreamUNet', num_classes=60, unlabelled=0),
    losses=[dict(type='PixelLoss', kind='huber', reads=dict(pred='fake_*', target='real_*'), name='loss_huber')])
# What get_flops.py counts: one channel at the size of the paper, with a map beside it.
inference_shape = (1, 352, 352)
