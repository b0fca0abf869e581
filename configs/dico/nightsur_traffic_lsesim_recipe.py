# DiCo trained as F-LSeSim is: fakes of a pool of 50, half of the discriminator's loss at twice the rate.
_base_ = 'nightsur_traffic.py'
model = dict(losses=[
    dict(term, pool=50, discriminator_weight=0.5) if term['type'] == 'AdversarialLoss' else term
    for term in _base_.model.losses])
optim_wrapper = dict(discriminator=dict(optimizer=dict(lr=4e-4)))
