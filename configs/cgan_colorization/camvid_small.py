# Row BN of Table I in the small setting on CamVid's real streets at 192x144, to compare with
# semantic_colorization/camvid_small.py; label maps serve the errors of single classes only.
_base_ = [
    '../_base_/models/cgan_colorization.py', '../_base_/datasets/camvid_small_colorization.py',
    '../_base_/evaluators/camvid_colorization.py', '../_base_/schedules/cgan_colorization_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(batch_size=8, dataset=dict(dataset=dict(inputs=(), beside=dict(_delete_=True))))
model = dict(
    photo_size=(144, 192),
    channels_last=True,
    generator=dict(base=16, num_levels=6),
    discriminator=dict(base=16))
custom_hooks = []  # no averaged weights
inference_shape = (1, 144, 192)
