# CUT on real nights and days that are no pairs, a candidate of docs/models.md: half width, crops of 256x144, batches of
# 4; its discriminator looks through a network that was trained on photographs (requirements/features.txt), and what is
# black in a night gets one colour.
#   python tools/train.py configs/cut/night2day.py --amp bf16 --cfg-options data_root=data/bdd100k_night2day
_base_ = [
    '../_base_/models/cut.py', '../_base_/datasets/night2day.py', '../_base_/evaluators/night2day.py',
    '../_base_/schedules/two_sided_small.py', '../_base_/small_runtime.py']
train_dataloader = dict(batch_size=4)
model = dict(
    domains=('night', 'day'),
    channels_last=True,
    generator=dict(base=32),
    discriminator=dict(
        _delete_=True, type='FeatureDiscriminator',
        features=dict(
            type='EfficientNetFeatures', size=None, layers=('stage2', 'stage3', 'stage5', 'stage7'))),
    sampler=dict(width=128),
    losses=[
        dict(type='AdversarialLoss', mode='hinge', reads=dict(real='real_*', fake='fake_*')),
        *[term for term in _base_.model.losses if term['type'] == 'PatchNCELoss'],
        dict(type='ToneDistributionLoss', reads=dict(pred='fake_*', target='real_*'), weight=2.0),
        dict(type='DarkChromaLoss', reads=dict(image='fake_*', source='real_~'), weight=5.0),
    ])
train_cfg = dict(max_iters=800)
optim_wrapper = dict(generator=dict(optimizer=dict(lr=2e-4)))
param_scheduler = []
auto_scale_lr = dict(base_batch_size=4)
