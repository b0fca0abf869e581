# The released layout on CamVid's 361 real streets with 12 labels; 20,000 iterations.
_base_ = [
    '../_base_/models/semantic_colorization.py', '../_base_/datasets/camvid_colorization.py',
    '../_base_/evaluators/camvid_colorization.py', '../_base_/schedules/semantic_colorization.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=16)
model = dict(
    label_set='camvid',
    generator=dict(num_classes=12, unlabelled=11),
    segmentor=dict(
        type='SegmentationExpert',
        config='nightgen::semantic_colorization/camvid_gridnet.py',
        checkpoint='work_dirs/camvid_gridnet/iter_20000.pth'))
train_cfg = dict(max_iters=20000, val_interval=2000)
