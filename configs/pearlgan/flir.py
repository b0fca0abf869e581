# PearlGAN on FLIR ADAS as its script trains it: 40 epochs at 2e-4, 40 falling to 0, batch 1; edges found on the fly.
_base_ = [
    '../_base_/models/pearlgan.py', '../_base_/datasets/flir.py',
    '../_base_/evaluators/flir.py', '../_base_/schedules/pearlgan_80ep.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(dataset=dict(pairing=_base_.pairing, inputs=_base_.model.inputs))
