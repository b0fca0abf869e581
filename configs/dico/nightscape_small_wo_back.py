# nightscape_small.py without regression of the background; the reference still tells what is foreground.
_base_ = 'nightscape_small.py'
model = dict(losses=[term for term in _base_.model.losses if term['type'] != 'BackgroundRegressionLoss'])
