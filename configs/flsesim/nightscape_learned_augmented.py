# nightscape_learned.py with augmented views: the projection also learns from the night and a day in other colours, half
# of its loss each.
_base_ = 'nightscape_learned.py'
_maps, _projection = _base_.model.tensors
_contrast = dict(_base_.model.losses[2], weight=0.5)
model = dict(
    tensors=[
        dict(type='ColorJitter', name=('source_view', 'other_view'), reads=dict(source='real_night', other='real_day')),
        dict(
            _maps, name=(*_maps['name'], 'source_view_maps', 'other_view_maps'),
            reads=dict(_maps['reads'], source_view='source_view', other_view='other_view')),
        dict(
            _projection, name=(*_projection['name'], 'source_view_features', 'other_view_features'),
            reads=dict(
                _projection['reads'], source_view='source_view_maps', other_view='other_view_maps'))],
    losses=[
        *_base_.model.losses[:2],
        _contrast,
        dict(
            _contrast, name='loss_projection_view',
            reads=dict(fake='source_view_features', source='source_features', other='other_view_features'))])
