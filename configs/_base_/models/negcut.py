# NEGCUT (Wang et al., ICCV 2021) as its code trains it: CUT, whose patches are told from generated negatives in place
# of other patches. Their generator raises the same loss and keeps its negatives apart; it steps between discriminator
# and generator.
_base_ = 'cut.py'
_nce = dict(type='PatchNCELoss', temperature=0.07)
_translation = dict(query='query_*', key='key_*', negative='negative_*')
_identity = dict(query='query_idt_*', key='key_idt_*', negative='negative_idt_*')
model = dict(
    domains=('night', 'day'),
    turns=[('discriminator',), ('negatives',), ('generator',)],
    tensors=[
        dict(
            type='NegativeGenerator', num_layers=5, width=256, noise=64, num_patches=256, init_cfg=_base_.xavier_init,
            name=('negative_*', 'negative_idt_*'), reads=dict(key='key_*', key_idt='key_idt_*'), player='negatives')],
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'), discriminator_weight=0.5),
        dict(_nce, reads=_translation, weight=0.5),
        dict(_nce, reads=_identity, weight=0.5, name='loss_identity_nce'),
        dict(_nce, reads=_translation, weight=-0.5, name='loss_negatives_nce', drives=('negatives',)),
        dict(_nce, reads=_identity, weight=-0.5, name='loss_negatives_identity_nce', drives=('negatives',)),
        dict(type='NegativeDiversityLoss', reads=dict(negative='negative_*'), drives=('negatives',)),
    ])
