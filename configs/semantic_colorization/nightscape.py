# The released layout on Nightscape's days with their true labels, 512x256; 30,000 iterations.
_base_ = [
    '../_base_/models/semantic_colorization.py', '../_base_/datasets/nightscape_semantic_colorization.py',
    '../_base_/evaluators/nightscape_colorization.py', '../_base_/schedules/semantic_colorization.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=16)
model = dict(
    label_set='cityscapes',
    photo_size=(256, 512),
    generator=dict(num_classes=20, unlabelled=19),
    segmentor=dict(
        type='SegmentationExpert',
        config='nightgen::semantic_colorization/nightscape_gridnet.py',
        checkpoint='work_dirs/nightscape_gridnet/iter_30000.pth'))
train_cfg = dict(max_iters=30000, val_interval=5000)
inference_shape = (1, 256, 512)
