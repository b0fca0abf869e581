# The segmentor of camvid_small.py: a narrower GridNet of four rows at 192x144; minutes on two cores.
_base_ = [
    '../_base_/models/gridnet.py', '../_base_/datasets/camvid_small_segmentation.py',
    '../_base_/schedules/gridnet_small.py']
model = dict(
    data_preprocessor=dict(size=(128, 128)),
    backbone=dict(rows=(16, 32, 64, 128)),
    decode_head=dict(num_classes=12))
