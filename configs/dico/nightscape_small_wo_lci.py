# nightscape_small.py without colour invariants: the generator sees RGB.
_base_ = 'nightscape_small.py'
model = dict(generator=dict(_delete_=True, **_base_.model.generator.generator))
