# The segmentor of camvid.py: GridNet on CamVid's L, crops of 352, 20,000 iterations.
_base_ = [
    '../_base_/models/gridnet.py', '../_base_/datasets/camvid_segmentation.py', '../_base_/schedules/gridnet.py']
model = dict(decode_head=dict(num_classes=12))
train_cfg = dict(max_iters=20000, val_interval=2000)
