# ToDayGAN on real nights and days that are no pairs, a candidate of docs/models.md: half width, crops of 256x144,
# batches of 2; its own discriminators.
#   python tools/train.py configs/todaygan/night2day.py --amp bf16 --cfg-options data_root=data/bdd100k_night2day
_base_ = [
    '../_base_/models/todaygan.py', '../_base_/datasets/night2day.py', '../_base_/evaluators/night2day.py',
    '../_base_/schedules/two_sided_small.py', '../_base_/small_runtime.py']
train_dataloader = dict(batch_size=2, dataset=dict(pairing=_base_.pairing))
model = dict(
    domains=('night', 'day'),
    channels_last=True,
    generator=dict(encoder=dict(base=32), decoder=dict(base=32)),
    discriminator=dict(base=32))
train_cfg = dict(max_iters=3000)
param_scheduler = []
auto_scale_lr = dict(base_batch_size=2)
