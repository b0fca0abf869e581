# nightscape.py without contrast of the foreground.
_base_ = 'nightscape.py'
model = dict(losses=[term for term in _base_.model.losses if term['type'] != 'ForegroundContrastLoss'])
