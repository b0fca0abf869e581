# The small setting: Nightscape's days at 256x128 with their true labels, minutes on two cores. It deviates from the
# paper: narrower, four sizes down, 400 iterations of 8 crops of 128 with a falling learning rate.
_base_ = [
    '../_base_/models/semantic_colorization.py', '../_base_/datasets/nightscape_small_semantic_colorization.py',
    '../_base_/evaluators/nightscape_colorization.py', '../_base_/schedules/semantic_colorization_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(batch_size=8)
model = dict(
    label_set='cityscapes',
    photo_size=(128, 256),
    channels_last=True,
    generator=dict(widths=(16, 32, 64, 128, 128), num_classes=20, unlabelled=19),
    segmentor=dict(
        type='SegmentationExpert',
        config='nightgen::semantic_colorization/nightscape_small_gridnet.py',
        checkpoint='work_dirs/nightscape_small_gridnet/iter_300.pth'))
custom_hooks = []  # no averaged weights
inference_shape = (1, 128, 256)
