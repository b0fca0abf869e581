# ToDayGAN-NTIR on KAIST, the baseline of MornGAN's ablation, with its schedule: 160 epochs at 2e-4. How the label maps
# of the days are made: see the dataset's config.
_base_ = [
    '../_base_/models/todaygan_ntir.py', '../_base_/datasets/kaist.py',
    '../_base_/evaluators/kaist.py', '../_base_/schedules/morngan_160ep.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(dataset=dict(pairing=_base_.pairing, inputs=_base_.model.inputs))
# The script of KAIST asks for weaker edges.
model = dict(losses=[
    dict(term, threshold=0.44) if term['type'] == 'StructuredGradientAlignmentLoss' else term
    for term in _base_.model.losses])
