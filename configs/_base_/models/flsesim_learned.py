# F-LSeSim with learnt features (LSeSim in the paper): a projection of the maps, trained to find the place of a
# translation's self-similarity among those of its source and of a day picture, before discriminator and generator step.
_base_ = 'flsesim.py'
model = dict(
    turns=[('projection',), ('discriminator',), ('generator',)],
    tensors=[
        dict(
            _base_.model.tensors[0], name=('fake_maps', 'source_maps', 'other_maps'),
            reads=dict(fake='fake_day', source='real_night', other='real_day')),
        dict(
            type='MapProjection', in_channels=(256, 512), init_cfg=dict(type='Normal', layer='Conv2d', std=0.02),
            name=('fake_features', 'source_features', 'other_features'),
            reads=dict(fake='fake_maps', source='source_maps', other='other_maps'), player='projection')],
    losses=[
        *_base_.model.losses,
        dict(type='SpatiallyCorrelativeLoss', mode='contrast', num_patches=256, patch_size=32, temperature=0.07,
             reads=dict(fake='fake_features', source='source_features', other='other_features'),
             drives=('projection',), name='loss_projection')])
