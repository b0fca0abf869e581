# ToDayGAN-TIR on FLIR ADAS, with PearlGAN's schedule (no config was released): 40 epochs at 2e-4, 40 falling to 0.
_base_ = [
    '../_base_/models/todaygan_tir.py', '../_base_/datasets/flir.py',
    '../_base_/evaluators/flir.py', '../_base_/schedules/pearlgan_80ep.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(dataset=dict(pairing=_base_.pairing))
