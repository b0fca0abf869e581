# Zhang 2017 on Nightscape's days at 512x256, crops of 256; 30,000 iterations of 16 at 1e-4.
_base_ = [
    '../_base_/models/zhang2017.py', '../_base_/datasets/nightscape_colorization.py',
    '../_base_/evaluators/nightscape_colorization.py', '../_base_/schedules/semantic_colorization.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=16)
model = dict(photo_size=(256, 512))
train_cfg = dict(max_iters=30000, val_interval=5000)
