# As nightscape_experts.py, for data/nightscape_small: 256x128.
_base_ = 'nightscape_experts.py'
_small = dict(type='NightscapeDataset', data_root='data/nightscape_small')
table = [*_base_.table[:-1], dict(_base_.table[-1], real=dict(**_small, split='test', rendering='day'))]
test_evaluator = [
    dict(
        _base_.test_evaluator[0],
        metrics=table,
        folders=dict(thermal_input='data/nightscape_small/test/thermal'),
        night=dict(**_small, split='train', rendering='night'),
        day=dict(**_small, split='train', rendering='day')),
    *table]
