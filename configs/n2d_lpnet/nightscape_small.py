# The quickstart: N2D-LPNet on Nightscape at 256x128, minutes on two cores. It deviates from the paper in this:
# - identity initialisation (specs/n2d_lpnet 10): torch's own starts with a guide near 0, which erases the high bands,
#   and a short run does not recover;
# - two terms are added: a day image has to stay what it is (L1, 0.5), which keeps colours natural, and total variation
#   (1), as the guide would else raise the sensor's grain;
# - the discriminator has half the width (2.1 M parameters in place of 8.3 M);
# - Adam at 5e-4 for the generator, beta1 0.5, falling to 0 in the second half; batches of 8; 400 iterations in place of
#   300,000; the weights that are tested are averaged over about the last hundred iterations;
# - crops of 128, horizontal flips only.
_base_ = [
    '../_base_/models/n2d_lpnet.py', '../_base_/datasets/nightscape_small.py',
    '../_base_/evaluators/nightscape_small.py', '../_base_/schedules/n2d_300k.py',
    '../_base_/default_runtime.py']
model = dict(
    generator=dict(identity_init=True),
    discriminator=dict(base=32),
    channels_last=True,
    losses=[
        dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_day', target='real_night'), weight=0.25,
             name='loss_reconstruction'),
        dict(type='AdversarialLoss', mode='lsgan', scale_reduction='sum', reads=dict(real='real_*', fake='fake_*'),
             weight=0.1, discriminator_weight=0.5),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='idt_*', target='real_*'), weight=0.5, name='loss_identity'),
        dict(type='TotalVariationLoss', reads=dict(image='fake_*'), weight=1.0),
    ])
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=5e-4, betas=(0.5, 0.99))),
    discriminator=dict(optimizer=dict(lr=1e-4, betas=(0.5, 0.99))))
train_cfg = dict(max_iters=400, val_interval=200)
param_scheduler = dict(
    _delete_=True, type='LinearLR', start_factor=1.0, end_factor=0.0, begin=200, end=400, by_epoch=False)
custom_hooks = [dict(type='GeneratorEMAHook', momentum=0.01)]
default_hooks = dict(checkpoint=dict(interval=200), logger=dict(interval=50))
