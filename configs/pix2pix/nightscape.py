# pix2pix on Nightscape's days at 512x256; 30,000 iterations in batches of 16, which are the colorization paper's.
_base_ = [
    '../_base_/models/pix2pix_colorization.py', '../_base_/datasets/nightscape_colorization.py',
    '../_base_/evaluators/nightscape_colorization.py', '../_base_/schedules/cgan_colorization.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=16)
model = dict(photo_size=(256, 512))
train_cfg = dict(max_iters=30000, val_interval=5000)
