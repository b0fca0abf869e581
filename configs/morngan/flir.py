# MornGAN on FLIR ADAS: 80 epochs at 2e-4, batch 1; stages begin at the epochs 20, 30, 40 and 75. How the label maps of
# the days are made: see the README.
_base_ = [
    '../_base_/models/morngan.py', '../_base_/datasets/flir.py',
    '../_base_/evaluators/flir.py', '../_base_/schedules/morngan_80ep.py',
    '../_base_/default_runtime.py']
# (4 workers * 2 batches ahead + 1) * batches of 1 * 8 processes; fewer of either show the same pairs
train_dataloader = dict(dataset=dict(
    pairing=dict(type='MemoryGuidedPairing', query='day', memory='thermal', delay=72),
    inputs=_base_.model.inputs))
custom_hooks = [dict(type='LabelMemoryHook', label='own_label_thermal', begin=75)]
optim_wrapper = dict(segmentor=_base_.optim_wrapper.generator)
