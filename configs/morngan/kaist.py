# MornGAN on KAIST: 160 epochs at 2e-4, batch 1; stages begin at the epochs 50, 90, 100 and 145, and weaker edges
# suffice. How the label maps of the days are made: see the README.
_base_ = [
    '../_base_/models/morngan.py', '../_base_/datasets/kaist.py',
    '../_base_/evaluators/kaist.py', '../_base_/schedules/morngan_160ep.py',
    '../_base_/default_runtime.py']
# (4 workers * 2 batches ahead + 1) * batches of 1 * 8 processes; fewer of either show the same pairs
train_dataloader = dict(dataset=dict(
    pairing=dict(type='MemoryGuidedPairing', query='day', memory='thermal', delay=72),
    inputs=_base_.model.inputs))
custom_hooks = [dict(type='LabelMemoryHook', label='own_label_thermal', begin=145)]
optim_wrapper = dict(segmentor=_base_.optim_wrapper.generator)
model = dict(
    players=dict(segmentor=dict(begin=50, end=145)),
    losses=[
        dict(term, **({'threshold': 0.44} if 'threshold' in term else {}),
             **{border: {10: 10, 20: 50, 30: 90, 40: 100, 75: 145}[term[border]]
                for border in ('begin', 'end') if border in term})
        for term in _base_.model.losses])
