# DlamGAN on FLIR ADAS, with MornGAN's schedule: 80 epochs at 2e-4, phases from the epochs 20, 30 and 40.
# How the label maps of the days are made: see the README.
_base_ = [
    '../_base_/models/dlamgan.py', '../_base_/datasets/flir.py',
    '../_base_/evaluators/flir.py', '../_base_/schedules/morngan_80ep.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(dataset=dict(
    pairing=_base_.pairing, inputs=_base_.model.inputs, day=dict(variants=dict(label='expert'))))
optim_wrapper = dict(segmentor=_base_.optim_wrapper.generator)
