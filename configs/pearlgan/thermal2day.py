# PearlGAN for thermal images of streets at night, from Nightscape alone: pearlgan_thermal2day. Its card:
# docs/models.md. 24 channels in place of 64, crops of 256, batches of 4; groups of the group norm
# hold as many channels as at full width; late terms start at iteration 300.
#   python tools/dataset_converters/nightscape.py --out data/nightscape --train 600 --val 20 --test 100 --seed 1
#   python tools/train.py configs/pearlgan/thermal2day.py
_base_ = [
    '../_base_/models/pearlgan.py', '../_base_/datasets/nightscape_thermal.py',
    '../_base_/evaluators/nightscape_thermal_experts.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(
    batch_size=4, dataset=dict(pairing=_base_.pairing, inputs=_base_.model.inputs))
model = dict(
    channels_last=True,
    generator=dict(encoder=dict(base=24), decoder=dict(base=24, groups=12)),
    discriminator=dict(base=24),
    losses=[dict(term, begin=300, by_epoch=False) if 'begin' in term else term for term in _base_.model.losses])
train_cfg = dict(max_iters=500, val_interval=500)
param_scheduler = []
auto_scale_lr = dict(base_batch_size=4)
