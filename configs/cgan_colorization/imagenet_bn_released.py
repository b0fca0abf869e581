# Row BN as the released code has it: Keras's batch norm, discriminator stride 2 throughout (patches of 94 pixels).
# Both sides of the discriminator have the weight 1. The code steps on them one after the other; here it is one step.
_base_ = './imagenet_bn.py'
model = dict(
    generator=dict(encoder_norms='batch_keras', decoder_norms='batch_keras'),
    discriminator=dict(norm='batch_keras', strides='released'),
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', scale_reduction='sum', reads=dict(real='real_lab', fake='fake_lab'),
             discriminator='chroma', discriminator_weight=1.0),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_*', target='real_*'), weight=100.0, name='loss_l1'),
    ])
