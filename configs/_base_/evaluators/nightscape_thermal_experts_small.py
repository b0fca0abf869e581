# As nightscape_thermal_experts.py, for data/nightscape_small: 256x128.
_base_ = 'nightscape_experts_small.py'
test_evaluator = [
    dict(
        type='BaselineTable',
        metrics=_base_.table,
        baselines=('true_day', 'thermal_input', 'histogram_matching'),
        folders=dict(night_input='data/nightscape_small/test/night'),
        thermal=dict(type='NightscapeDataset', data_root='data/nightscape_small', split='train', rendering='thermal'),
        day=dict(type='NightscapeDataset', data_root='data/nightscape_small', split='train', rendering='day')),
    *_base_.table]
