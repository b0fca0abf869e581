# MornGAN (Luo et al., 2022; specs: morngan 2 and 3): ToDayGAN-NTIR with a segmentation network for each domain, in
# five stages. Their borders are FLIR's: 20 (the day's network trains), 30 (it completes its labels; the thermal one
# trains on translated days), 40 (both label thermal images; translated days drive the generators; scale robustness)
# and 75 (the networks are frozen; memory, attention between domains, gradient repair). The memory is a pairing rule and
# a hook: see configs/morngan/. Reads edge maps of both domains and label maps of the days.
_base_ = './todaygan_ntir.py'
model = dict(
    type='MornGANTranslator',
    segmentor=dict(type='Segmentor'),
    turns=[('generator', 'segmentor'), ('discriminator',)],
    players=dict(segmentor=dict(begin=20, end=75)),
    tensors=[
        dict(type='CompletedLabel', name='completed_label_day',
             reads=dict(label='sized_label_day', logits='logits_day')),
        dict(type='DistilledLabel', name='agreed_label_thermal',
             reads=dict(logits='logits_thermal', other='logits_fake_day', image='sized_real_thermal')),
        dict(type='DistilledLabel', name='own_label_thermal', background_threshold=0.95,
             reads=dict(logits='logits_thermal', image='sized_real_thermal')),
        dict(type='ClassMask', name='background_mask_thermal', reads=dict(label='own_label_thermal')),
    ],
    losses=[
        *_base_.model.losses,
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_day', begin=20, end=30, drives=('segmentor',),
             reads=dict(logits='training_logits_day', label='sized_label_day')),
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_day', begin=30, end=75, drives=('segmentor',),
             reads=dict(logits='training_logits_day', label='completed_label_day')),
        dict(type='SemanticBoundaryLoss', begin=30, end=75, drives=('segmentor',), weight=0.5,
             reads=dict(logits='training_logits_day', label='completed_label_day')),
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_fake_thermal', begin=30, end=40,
             drives=('segmentor',),
             reads=dict(logits='training_logits_fake_thermal', label='completed_label_day')),
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_fake_thermal', begin=40, end=75,
             drives=('generator', 'segmentor'),
             reads=dict(logits='training_logits_fake_thermal', label='completed_label_day')),
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_thermal', begin=40, end=75,
             drives=('segmentor',),
             reads=dict(logits='training_logits_thermal', label='agreed_label_thermal')),
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_fake_thermal', begin=75,
             reads=dict(logits='training_logits_fake_thermal', label='completed_label_day')),
        dict(type='BalancedCrossEntropyLoss', name='loss_segmentation_fake_day', begin=75,
             reads=dict(logits='training_logits_fake_day', label='own_label_thermal')),
        dict(type='ScaleRobustnessLoss', begin=40, reads=dict(scaled='scaled_fake_*', reference='scale_reference_*')),
        dict(type='AdaptiveCollaborativeAttentionLoss', begin=75,
             reads=dict(real_features='latent_day', fake_features='latent_fake_day',
                        real_label='completed_label_day', fake_label='own_label_thermal')),
        dict(type='ConditionalGradientRepairLoss', begin=75,
             reads=dict(translated='fake_day', source='real_thermal', background='background_mask_thermal')),
    ])
