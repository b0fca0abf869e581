# FastCUT: CUT without the identity term, PatchNCE times ten, and images mirrored before the generator by chance.
_base_ = './cut.py'
model = dict(
    flip_equivariance=True,
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'), discriminator_weight=0.5),
        dict(type='PatchNCELoss', temperature=0.07, reads=dict(query='query_*', key='key_*'), weight=10.0),
    ])
