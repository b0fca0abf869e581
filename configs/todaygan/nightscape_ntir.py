# ToDayGAN-NTIR on Nightscape at 512x256, thermal night to colour day, crops of 256; 40 epochs of 600 scenes at 2e-4.
# python tools/dataset_converters/nightscape.py --out data/nightscape --train 600 --val 20 --test 100 --seed 1
# How the label maps of the days are made: see the dataset's config.
_base_ = [
    '../_base_/models/todaygan_ntir.py', '../_base_/datasets/nightscape_thermal.py',
    '../_base_/evaluators/nightscape_thermal_experts.py', '../_base_/schedules/morngan_80ep.py',
    '../_base_/default_runtime.py']
train_dataloader = dict(dataset=dict(pairing=_base_.pairing, inputs=_base_.model.inputs))
train_cfg = dict(max_epochs=40, val_interval=5)
