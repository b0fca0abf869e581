# The paper's proposed row (IBN + SN + MD) on Nightscape's days at 512x256; 30,000 iterations.
_base_ = [
    '../_base_/models/cgan_colorization.py', '../_base_/datasets/nightscape_colorization.py',
    '../_base_/evaluators/nightscape_colorization.py', '../_base_/schedules/cgan_colorization.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=16)
model = dict(
    photo_size=(256, 512),
    generator=dict(decoder_norms=['batch'] * 5 + ['instance_affine'], spectral=True),
    discriminator=dict(norm=['instance_affine', 'batch', 'batch'], spectral=True, num_scales=3))
train_cfg = dict(max_iters=30000, val_interval=5000)
