# DiCo on Nightscape's fixed cameras at 256x128, minutes on two cores. It deviates from DiCo in this: features of
# EfficientNet-Lite0, a quarter of the width, 4 residual blocks, crops of 128, and the short schedule with averaged
# weights.
_base_ = [
    '../_base_/models/dico_efficientnet.py', '../_base_/datasets/nightscape_cameras_small.py',
    '../_base_/evaluators/nightscape_cameras.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(dataset=dict(night=dict(inputs=('reference_day',))))
model = dict(
    channels_last=True,
    generator=dict(generator=dict(base=16, num_blocks=4)),
    discriminator=dict(base=16))
