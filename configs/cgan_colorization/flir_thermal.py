# Thermal intensity as luma: IBN + SN + MD trained on FLIR's days, given to its thermal nights. This toolkit's own use.
_base_ = [
    '../_base_/models/cgan_colorization.py', '../_base_/datasets/flir_colorization.py',
    '../_base_/evaluators/flir.py', '../_base_/schedules/cgan_colorization.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=16)
model = dict(
    generator=dict(decoder_norms=['batch'] * 5 + ['instance_affine'], spectral=True),
    discriminator=dict(norm=['instance_affine', 'batch', 'batch'], spectral=True, num_scales=3))
train_cfg = dict(max_iters=30000, val_interval=5000)
