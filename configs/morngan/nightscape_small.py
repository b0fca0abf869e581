# MornGAN on Nightscape at 256x128, thermal to day, a quarter of an hour on one core. It deviates in this: a quarter of
# the width, 2 residual blocks in each half and segmentation network, crops of 128 (and sides of the segmentation
# networks and a count of rare pixels to match), and 1,200 iterations with averaged weights. Stages begin at the
# iterations 60, 200, 500 and 900, SSIM and temperature at 50. Segmentation networks that see a few hundred images learn
# little: their rate is five times the others', and labels are those of a probability of 0.35, or 0.5 of a background
# class. The memory guides pairs once 60 of the 600 thermal images are in it, since it would not be full at the end. How
# the label maps of the days are made: see the README.
_base_ = [
    '../_base_/models/morngan.py', '../_base_/datasets/nightscape_thermal_small.py',
    '../_base_/evaluators/nightscape_thermal_experts.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
# (2 workers * 2 batches ahead + 1) * batches of 1 * 8 processes; fewer of either show the same pairs
train_dataloader = dict(dataset=dict(
    pairing=dict(type='MemoryGuidedPairing', query='day', memory='thermal', delay=40, guided_from=0.1),
    inputs=_base_.model.inputs))
custom_hooks = [
    *_base_.custom_hooks, dict(type='LabelMemoryHook', label='own_label_thermal', begin=900, by_epoch=False)]
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
    players=dict(segmentor=dict(begin=60, end=900, by_epoch=False)),
    tensors=[
        dict(tensor, **dict(
            completed_label_day=dict(threshold=0.5),
            agreed_label_thermal=dict(threshold=0.35, background_threshold=0.5),
            own_label_thermal=dict(threshold=0.35, background_threshold=0.5)).get(tensor['name'], {}))
        for tensor in _base_.model.tensors],
    losses=[
        dict(term, **({'rare_pixels': 16 * 16} if term['type'] == 'BalancedCrossEntropyLoss' else {}),
             **({'by_epoch': False} if 'begin' in term else {}),
             **{border: {10: 50, 20: 60, 30: 200, 40: 500, 75: 900}[term[border]]
                for border in ('begin', 'end') if border in term})
        for term in _base_.model.losses])
