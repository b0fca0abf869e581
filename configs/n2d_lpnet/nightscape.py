# N2D-LPNet on Nightscape driving views at 512x256 with the paper's network, losses and optimizers; 30,000 iterations.
_base_ = [
    '../_base_/models/n2d_lpnet.py', '../_base_/datasets/nightscape.py', '../_base_/evaluators/nightscape.py',
    '../_base_/schedules/n2d_300k.py', '../_base_/default_runtime.py']
