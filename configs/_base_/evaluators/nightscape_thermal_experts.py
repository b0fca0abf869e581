# As nightscape_experts.py, of translations of thermal pictures: the rows above the model are the true day, the thermal
# picture itself, the night in colour and histogram matching. The test set carries label maps and boxes, as that of
# ../datasets/nightscape_thermal.py does.
_base_ = 'nightscape_experts.py'
test_evaluator = [
    dict(
        type='BaselineTable',
        metrics=_base_.table,
        baselines=('true_day', 'thermal_input', 'histogram_matching'),
        folders=dict(night_input='data/nightscape/test/night'),
        thermal=dict(type='NightscapeDataset', data_root='data/nightscape', split='train', rendering='thermal'),
        day=dict(type='NightscapeDataset', data_root='data/nightscape', split='train', rendering='day')),
    *_base_.table]
