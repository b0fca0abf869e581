# The segmentor of camvid_small.py: a GridNet of half the widths at 192x144; minutes on two cores.
_base_ = [
    '../_base_/models/gridnet.py', '../_base_/datasets/camvid_small_segmentation.py',
    '../_base_/schedules/gridnet_small.py']
model = dict(
    data_preprocessor=dict(size=(128, 128)),
    backbone=dict(rows=(8, 16, 32, 64, 128)),
    decode_head=dict(in_channels=8, num_classes=12))
