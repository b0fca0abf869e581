# PearlGAN (Luo et al., T-ITS 2022; specs: morngan 1.7, 2, 6): ToDayGAN-TIR with top-down guided attention in encoders
# and decoders, structured gradient alignment, attentional diversity, and cross-domain similarity of attended features
# (from epoch 10 on). Reads edge maps of both domains.
_base_ = './todaygan_tir.py'
model = dict(
    inputs=('edges_day', 'edges_thermal'),
    generator=dict(encoder=dict(attention=True), decoder=dict(attention=True)),
    losses=[
        *_base_.model.losses,
        dict(type='StructuredGradientAlignmentLoss', threshold=0.8,
             reads=dict(translated='fake_*', edges='edges_~'), weight=0.5),
        dict(type='AttentionDiversityLoss', reads=dict(attention='attention_*')),
        dict(type='ACCSLoss', begin=10,
             reads=dict(features='latent_*', attention='attention_*', other_features='latent_fake_*',
                        other_attention='attention_~')),
    ])
