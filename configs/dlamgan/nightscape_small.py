# DlamGAN on Nightscape at 256x128, thermal to day, minutes on two cores. It deviates in this: a quarter of the width, 2
# residual blocks in each half and segmentation network, crops of 128 (and sides of the segmentation networks and a
# count of rare pixels to match), and 1,200 iterations with averaged weights; phases begin at the iterations 60, 200 and
# 500, rates are those of MornGAN's, and labels need a probability of 0.5. How the label maps of the days are made: see
# the README.
_base_ = [
    '../_base_/models/dlamgan.py', '../_base_/datasets/nightscape_thermal_small.py',
    '../_base_/evaluators/nightscape_thermal_experts.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(dataset=dict(
    pairing=_base_.pairing, inputs=_base_.model.inputs, day=dict(variants=dict(label='expert'))))
train_cfg = dict(max_iters=1200, val_interval=1200)
param_scheduler = dict(begin=600, end=1200)
optim_wrapper = dict(segmentor=dict(_base_.optim_wrapper.generator, optimizer=dict(
    _base_.optim_wrapper.generator.optimizer, lr=2e-3)))
model = dict(
    channels_last=True,
    generator=dict(
        encoder=dict(base=16, num_blocks=2),
        decoder=dict(base=16, num_blocks=2, groups=8)),
    discriminator=dict(base=16),
    segmentor=dict(
        backbone=dict(type='CoordinateResNet', base=16, num_blocks=2),
        head=dict(type='ASPPHead', in_channels=16, base=16)),
    segmentor_sides=(64, 156),
    players=dict(segmentor=dict(begin=60, end=500, by_epoch=False)),
    tensors=[
        dict(tensor, threshold=0.5, **({'background_threshold': 0.5} if 'background_threshold' in tensor else {}))
        for tensor in _base_.model.tensors],
    losses=[
        dict(term, **({'rare_pixels': 16 * 16} if term['type'] == 'BalancedCrossEntropyLoss' else {}),
             **({'by_epoch': False} if 'begin' in term else {}),
             **{border: {10: 50, 20: 60, 30: 200, 40: 500}[term[border]]
                for border in ('begin', 'end') if border in term})
        for term in _base_.model.losses])
