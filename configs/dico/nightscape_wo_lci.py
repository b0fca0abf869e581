# nightscape.py without colour invariants: the generator sees RGB.
_base_ = 'nightscape.py'
model = dict(generator=dict(_delete_=True, **_base_.model.generator.generator))
