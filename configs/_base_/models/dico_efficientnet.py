# DiCo on EfficientNet-Lite0 of its package, where VGG-16's weights are not to be had: the layers of the same strides.
# What was trained with it is named after it. Background begins at a similarity of 0.25: docs/dico.md, "Background and
# foreground", has the measurement.
_base_ = 'dico.py'
_features = dict(type='EfficientNetFeatures', layers=('stage2', 'stage3'), size=None)
model = dict(
    tensors=[dict(entry, network=_features) for entry in _base_.model.tensors],
    losses=[dict(term, threshold=0.25) if 'threshold' in term else term for term in _base_.model.losses])
