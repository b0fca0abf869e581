# ToDayGAN on KAIST, thermal night to colour day, with ToDayGAN's own schedule: 75 epochs at 2e-4, 75 falling to 0.
_base_ = [
    '../_base_/models/todaygan.py', '../_base_/datasets/kaist.py',
    '../_base_/evaluators/kaist.py', '../_base_/schedules/todaygan_150ep.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(dataset=dict(pairing=_base_.pairing))
