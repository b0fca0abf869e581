# UNIT on Nightscape at 512x256, colour night to colour day, crops of 256; 24,000 iterations, the rate
# halved every 6,000.
# python tools/dataset_converters/nightscape.py --out data/nightscape --train 600 --val 20 --test 100 --seed 1
_base_ = [
    '../_base_/models/unit.py', '../_base_/datasets/nightscape.py',
    '../_base_/evaluators/nightscape_experts.py', '../_base_/schedules/unit_1000k.py',
    '../_base_/default_runtime.py']
model = dict(domains=('night', 'day'))
train_cfg = dict(max_iters=24000, val_interval=6000)
param_scheduler = dict(step_size=6000)
