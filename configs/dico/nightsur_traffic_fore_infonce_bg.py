# DiCo with night background as further negatives of the foreground.
_base_ = 'nightsur_traffic.py'
model = dict(losses=[
    dict(term, mode='infonce_fg_bg') if term['type'] == 'ForegroundContrastLoss' else term
    for term in _base_.model.losses])
