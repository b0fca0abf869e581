# As nightscape_experts.py, of translations of thermal pictures: the rows above the model are the true day, the thermal
# picture itself and its negative, the night in colour and histogram matching.
_base_ = 'nightscape_experts.py'
test_evaluator = [
    dict(
        type='BaselineTable',
        metrics=_base_.table,
        baselines=('true_day', 'thermal_input', 'negative', 'histogram_matching'),
        folders=dict(
            night_input=dict(type='NightscapeDataset', data_root='auto', split='test', rendering='night')),
        thermal=dict(type='NightscapeDataset', data_root='auto', split='train', rendering='thermal'),
        day=dict(type='NightscapeDataset', data_root='auto', split='train', rendering='day')),
    *_base_.table]
