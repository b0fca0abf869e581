# DiCo with one weight for each invariant in place of a matrix.
_base_ = 'nightsur_traffic.py'
model = dict(generator=dict(invariant=dict(mix='diag')))
