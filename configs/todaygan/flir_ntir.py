# ToDayGAN-NTIR on FLIR ADAS, the baseline of MornGAN's ablation, with its schedule: 80 epochs at 2e-4. How the label
# maps of the days are made: see the dataset's config.
_base_ = [
    '../_base_/models/todaygan_ntir.py', '../_base_/datasets/flir.py',
    '../_base_/evaluators/flir.py', '../_base_/schedules/morngan_80ep.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(dataset=dict(pairing=_base_.pairing, inputs=_base_.model.inputs))
