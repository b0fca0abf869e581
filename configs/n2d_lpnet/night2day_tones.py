# night2day with a term against mist, a candidate of docs/models.md. How it departs from night2day.py:
# - greys and local contrast, strip by strip, are to be distributed as those of days; mist is none of these;
# - two levels in place of three: what is made up in the black may be as small as four pixels of an image of 144 rows;
# - less total variation, more of the discriminator, batches of 8, Adam at 4e-4.
_base_ = 'night2day.py'
train_dataloader = dict(batch_size=8)
model = dict(
    generator=dict(pyramid=dict(num_levels=2)),
    losses=[
        dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_day', target='real_night'), weight=0.01,
             name='loss_reconstruction'),
        dict(type='AdversarialLoss', mode='hinge', reads=dict(real='real_*', fake='fake_*'), weight=0.5),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='idt_*', target='real_*'), weight=0.5, name='loss_identity'),
        dict(type='ToneDistributionLoss', reads=dict(pred='fake_*', target='real_*'), weight=2.0),
        dict(type='TotalVariationLoss', reads=dict(image='fake_*'), weight=0.3),
        dict(type='TotalVariationLoss', reads=dict(image='fake_*', source='real_~'), weight=2.0,
             name='loss_dark_variation'),
        dict(type='DarkChromaLoss', reads=dict(image='fake_*', source='real_~'), weight=10.0),
    ])
train_cfg = dict(max_iters=4000)
optim_wrapper = dict(generator=dict(optimizer=dict(lr=4e-4)))
auto_scale_lr = dict(base_batch_size=8)
