# The segmentor of nightscape.py: GridNet on the L of Nightscape's days, 512x256, crops of 256, 30,000 iterations.
_base_ = [
    '../_base_/models/gridnet.py', '../_base_/datasets/nightscape_segmentation.py', '../_base_/schedules/gridnet.py']
model = dict(data_preprocessor=dict(size=(256, 256)), decode_head=dict(num_classes=19))
train_cfg = dict(max_iters=30000, val_interval=5000)
