# DlamGAN on KAIST, with MornGAN's schedule: 160 epochs at 2e-4, phases from the epochs 50, 90 and 100.
# How the label maps of the days are made: see the README.
_base_ = [
    '../_base_/models/dlamgan.py', '../_base_/datasets/kaist.py',
    '../_base_/evaluators/kaist.py', '../_base_/schedules/morngan_160ep.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(dataset=dict(
    pairing=_base_.pairing, inputs=_base_.model.inputs, day=dict(variants=dict(label='expert'))))
optim_wrapper = dict(segmentor=_base_.optim_wrapper.generator)
model = dict(
    players=dict(segmentor=dict(begin=50, end=100)),
    losses=[
        dict(term, **{border: {10: 10, 20: 50, 30: 90, 40: 100}[term[border]]
                      for border in ('begin', 'end') if border in term})
        for term in _base_.model.losses])
