# GcGAN on Nightscape at 512x256, thermal night to colour day, crops of 256; 20 epochs of 600 scenes at 2e-4, 20
# falling to 0.
# python tools/dataset_converters/nightscape.py --out data/nightscape --train 600 --val 20 --test 100 --seed 1
_base_ = [
    '../_base_/models/gcgan.py', '../_base_/datasets/nightscape_thermal.py',
    '../_base_/evaluators/nightscape_thermal_experts.py', '../_base_/schedules/cyclegan_200ep.py',
    '../_base_/default_runtime.py']
train_cfg = dict(max_epochs=40, val_interval=5)
param_scheduler = dict(begin=20, end=40, end_factor=1 / 20)
