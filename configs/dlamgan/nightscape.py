# DlamGAN on Nightscape at 512x256, thermal night to colour day, crops of 256; 40 epochs of 600 scenes at 2e-4, the
# phases at half of FLIR's epochs.
# python tools/dataset_converters/nightscape.py --out data/nightscape --train 600 --val 20 --test 100 --seed 1
# How the label maps of the days are made: see the README.
_base_ = [
    '../_base_/models/dlamgan.py', '../_base_/datasets/nightscape_thermal.py',
    '../_base_/evaluators/nightscape_thermal_experts.py', '../_base_/schedules/morngan_80ep.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(dataset=dict(
    pairing=_base_.pairing, inputs=_base_.model.inputs, day=dict(variants=dict(label='expert'))))
optim_wrapper = dict(segmentor=_base_.optim_wrapper.generator)
train_cfg = dict(max_epochs=40, val_interval=5)
model = dict(
    players=dict(segmentor=dict(begin=10, end=20)),
    losses=[
        dict(term, **{border: term[border] // 2 for border in ('begin', 'end') if border in term})
        for term in _base_.model.losses])
