# DlamGAN (Luo et al., ICIG 2021), as far as MornGAN's paper tells of it (specs: morngan 6); what is assumed stands in
# configs/dlamgan/README.md. ToDayGAN-TIR with a segmentation network for each domain, in three phases that begin, on
# FLIR, at the epochs 20 (the day's network learns), 30 (the thermal one learns, of translated days and of mined labels)
# and 40 (both are fixed, and hold translations to the labels). Reads label maps of the days.
_base_ = './todaygan_tir.py'
model = dict(
    type='MornGANTranslator',
    inputs=('label_day',),
    segmentor=dict(type='Segmentor'),
    turns=[('generator', 'segmentor'), ('discriminator',)],
    players=dict(segmentor=dict(begin=20, end=40)),
    tensors=[
        dict(type='DistilledLabel', name='mined_label_thermal', rules=None, background_threshold=0.95,
             reads=dict(logits='logits_thermal', other='logits_fake_day', image='sized_real_thermal')),
        dict(type='ConfidentLabel', name='own_label_thermal', reads=dict(logits='logits_thermal')),
    ],
    losses=[
        *_base_.model.losses,
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_day', begin=20, end=30, drives=('segmentor',),
             reads=dict(logits='training_logits_day', label='sized_label_day')),
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_fake_thermal', begin=30, end=40,
             drives=('segmentor',),
             reads=dict(logits='training_logits_fake_thermal', label='sized_label_day')),
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_thermal', begin=30, end=40,
             drives=('segmentor',),
             reads=dict(logits='training_logits_thermal', label='mined_label_thermal')),
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_fake_thermal', begin=40,
             reads=dict(logits='training_logits_fake_thermal', label='sized_label_day')),
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_fake_day', begin=40,
             reads=dict(logits='training_logits_fake_day', label='own_label_thermal')),
    ])
