# N2D-LPNet for real night photos, from a thousand nights and days that are no pairs: n2d_lpnet_night2day, whose weights
# are shipped. Its card: docs/models.md. The pictures: <data_root>/{train,val}/{night,day}, 16:9, 320x180 or more.
#   python tools/train.py configs/n2d_lpnet/night2day.py --cfg-options data_root=data/bdd100k_night2day
# How it departs from the paper (n2d_lpnet.py), each for a reason that the card gives numbers for:
# - the discriminator looks through a network that was trained on photographs (requirements/features.txt);
# - greys and local contrast, strip by strip, are to be distributed as those of days: mist is none of these;
# - two levels in place of three: what is made up in the black may be as small as four pixels of an image of 144 rows;
# - where the night is black, neither colours nor speckles may be made up; total variation holds the grain down; what
#   colour is left there is muted in what it translates, not in training;
# - a day stays what it is; the low band has no tanh, which would darken lamps; the start is near the identity;
# - it is trained on pictures of 144 rows, and larger ones are split into more levels (native_side).
_base_ = [
    '../_base_/models/n2d_lpnet.py', '../_base_/datasets/night2day.py', '../_base_/evaluators/night2day.py',
    '../_base_/schedules/n2d_300k.py', '../_base_/default_runtime.py']
train_dataloader = dict(batch_size=8)

model = dict(
    generator=dict(pyramid=dict(num_levels=2), identity_init=True, low_act='none', native_side=144,
                   dark_colour=0.6),
    discriminator=dict(
        _delete_=True, type='FeatureDiscriminator',
        features=dict(
            type='EfficientNetFeatures', size=None, layers=('stage2', 'stage3', 'stage5', 'stage7'))),
    channels_last=True,
    losses=[
        dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_day', target='real_night'), weight=0.01,
             name='loss_reconstruction'),
        dict(type='AdversarialLoss', mode='hinge', reads=dict(real='real_*', fake='fake_*'), weight=0.5),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='idt_*', target='real_*'), weight=0.5, name='loss_identity'),
        dict(type='ToneDistributionLoss', reads=dict(pred='fake_*', target='real_*'), weight=2.0),
        dict(type='TotalVariationLoss', reads=dict(image='fake_*'), weight=0.3),
        dict(type='TotalVariationLoss', reads=dict(image='fake_*', source='real_~'), weight=2.0,
             name='loss_dark_variation'),
        dict(type='DarkChromaLoss', reads=dict(image='fake_*', source='real_~'), weight=25.0),
    ])

train_cfg = dict(max_iters=2000, val_interval=1000)
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=4e-4, betas=(0.5, 0.99))),
    discriminator=dict(optimizer=dict(lr=4e-4, betas=(0.5, 0.99))))
param_scheduler = []
auto_scale_lr = dict(base_batch_size=8)
custom_hooks = [dict(type='GeneratorEMAHook', momentum=0.005)]
default_hooks = dict(checkpoint=dict(interval=200), logger=dict(interval=50))
