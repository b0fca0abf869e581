# nightsur_traffic.py without colour invariants: the generator sees RGB.
_base_ = 'nightsur_traffic.py'
model = dict(generator=dict(_delete_=True, **_base_.model.generator.generator))
