# Row IN as the released code has it: its "instance norm" is over channels too, with one scale and one shift.
# Both sides of the discriminator have the weight 1. The code steps on them one after the other; here it is one step.
_base_ = './imagenet_in.py'
model = dict(
    generator=dict(encoder_norms='sample', decoder_norms='sample'),
    discriminator=dict(norm='sample', strides='released'),
    losses=[
        dict(type='AdversarialLoss', mode='lsgan', scale_reduction='sum', reads=dict(real='real_lab', fake='fake_lab'),
             discriminator='chroma', discriminator_weight=1.0),
        dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_*', target='real_*'), weight=100.0, name='loss_l1'),
    ])
