# DiCo with the foreground loss to the letter of eq. 12: one similarity of the foreground against one of the background.
_base_ = 'nightsur_traffic.py'
model = dict(losses=[
    dict(term, mode='eq12') if term['type'] == 'ForegroundContrastLoss' else term for term in _base_.model.losses])
