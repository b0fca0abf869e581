# The quickstart: N2D-LPNet on Nightscape at 256x128, minutes on two cores: crops of 128, horizontal flips only, batches
# of 8. How the recipe departs from the paper, and why, is listed at the top of the model's and the schedule's base.
_base_ = [
    '../_base_/models/n2d_lpnet_short.py', '../_base_/datasets/nightscape_small.py',
    '../_base_/evaluators/nightscape.py', '../_base_/schedules/n2d_400.py', '../_base_/small_runtime.py']
train_dataloader = dict(batch_size=8)
