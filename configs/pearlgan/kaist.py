# PearlGAN on KAIST as its script trains it: 60 epochs at 2e-4, 60 falling to 0, batch 1; edges found on the fly. Weaker
# edges suffice, and what starts late starts at epoch 30.
_base_ = [
    '../_base_/models/pearlgan.py', '../_base_/datasets/kaist.py',
    '../_base_/evaluators/kaist.py', '../_base_/schedules/pearlgan_120ep.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(dataset=dict(pairing=_base_.pairing, inputs=_base_.model.inputs))
model = dict(losses=[
    dict(term, begin=30) if 'begin' in term else dict(term, threshold=0.44) if 'threshold' in term else term
    for term in _base_.model.losses])
