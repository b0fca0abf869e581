# The segmentor of "Semantic-driven Colorization", a model of mmseg: GridNet on the L of Lab, cross-entropy over all 60
# classes, the background among them (specs/semantic_colorization 2).
default_scope = 'mmseg'
model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(type='nightgen.LumaSegDataPreProcessor', size=(352, 352)),
    backbone=dict(type='nightgen.GridNet', num_classes=None),
    decode_head=dict(type='nightgen.GridHead', in_channels=16, num_classes=60),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'))
