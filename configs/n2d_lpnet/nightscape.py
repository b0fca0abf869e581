# N2D-LPNet on Nightscape at 512x256: the quickstart's recipe on crops of 256 in batches of 4, and the whole table of
# Nightscape's experts at the test. The data:
#   python tools/dataset_converters/nightscape.py --out data/nightscape --train 600 --val 20 --test 100 --seed 1
_base_ = [
    '../_base_/models/n2d_lpnet_short.py', '../_base_/datasets/nightscape.py',
    '../_base_/evaluators/nightscape_experts.py', '../_base_/schedules/n2d_400.py', '../_base_/small_runtime.py']
train_dataloader = dict(batch_size=4)
