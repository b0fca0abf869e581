# ToDayGAN-TIR on KAIST, with PearlGAN's schedule (no config was released): 60 epochs at 2e-4, 60 falling to 0.
_base_ = [
    '../_base_/models/todaygan_tir.py', '../_base_/datasets/kaist.py',
    '../_base_/evaluators/kaist.py', '../_base_/schedules/pearlgan_120ep.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(dataset=dict(pairing=_base_.pairing))
