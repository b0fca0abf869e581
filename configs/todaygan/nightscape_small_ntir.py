# ToDayGAN-NTIR on Nightscape at 256x128, thermal to day, minutes on two cores. It deviates in this: a quarter of the
# width, 2 residual blocks in each half, crops of 128, and the short schedule with averaged weights. Groups of the group
# norm hold as many channels as at full width; late terms start at iteration 300. How the label maps of the days are
# made: see the dataset's config.
_base_ = [
    '../_base_/models/todaygan_ntir.py', '../_base_/datasets/nightscape_thermal_small.py',
    '../_base_/evaluators/nightscape_thermal_experts.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
train_dataloader = dict(dataset=dict(pairing=_base_.pairing, inputs=_base_.model.inputs))
model = dict(
    channels_last=True,
    generator=dict(
        encoder=dict(base=16, num_blocks=2),
        decoder=dict(base=16, num_blocks=2, groups=8)),
    discriminator=dict(base=16),
    losses=[dict(term, begin=300, by_epoch=False) if 'begin' in term else term for term in _base_.model.losses])
