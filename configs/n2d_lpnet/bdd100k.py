# N2D-LPNet on BDD100K as the paper trains it: three levels, 256x256 crops, batch 16, 300,000 iterations.
_base_ = [
    '../_base_/models/n2d_lpnet.py', '../_base_/datasets/bdd100k.py', '../_base_/evaluators/unpaired.py',
    '../_base_/schedules/n2d_300k.py', '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=16)
