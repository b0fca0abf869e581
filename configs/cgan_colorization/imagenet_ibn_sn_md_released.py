# Row IBN + SN + MD as the released code has it.
# Both sides of the discriminator have the weight 1. The code steps on them one after the other; here it is one step.
_base_ = './imagenet_ibn_sn_md.py'
model = dict(
    generator=dict(encoder_norms='batch_keras', decoder_norms=['batch_keras'] * 5 + ['sample']),
    discriminator=dict(norm=['sample', 'batch_keras', 'batch_keras'], strides='released'),
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', scale_reduction='sum', reads=dict(real='real_lab', fake='fake_lab'),
             discriminator='chroma', discriminator_weight=1.0),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_*', target='real_*'), weight=100.0, name='loss_l1'),
    ])
