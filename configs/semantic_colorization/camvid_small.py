# The small setting on CamVid: a quarter of the widths' products and four sizes down, 192x144; minutes on two cores.
_base_ = [
    '../_base_/models/semantic_colorization.py', '../_base_/datasets/camvid_small_colorization.py',
    '../_base_/evaluators/camvid_colorization.py', '../_base_/schedules/semantic_colorization_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(batch_size=8)
model = dict(
    label_set='camvid',
    photo_size=(144, 192),
    channels_last=True,
    generator=dict(widths=(16, 32, 64, 128, 128), num_classes=12, unlabelled=11),
    segmentor=dict(
        type='SegmentationExpert',
        config='nightgen::semantic_colorization/camvid_small_gridnet.py',
        checkpoint='work_dirs/camvid_small_gridnet/iter_300.pth'))
custom_hooks = []  # no averaged weights
inference_shape = (1, 144, 192)
