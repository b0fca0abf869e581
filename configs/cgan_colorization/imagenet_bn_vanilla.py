# Row BN with the GAN loss that the paper prints: cross entropy, non-saturating.
_base_ = './imagenet_bn.py'
model = dict(
    losses=[
        dict(type='AdversarialLoss', mode='vanilla', scale_reduction='sum',
             reads=dict(real='real_lab', fake='fake_lab'), discriminator='chroma', discriminator_weight=0.5),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_*', target='real_*'), weight=100.0, name='loss_l1'),
    ])
