# Nightscape driving views, 256x128, night to day for two-sided methods: batches of one, and test nights with label maps
# and boxes. The data: see nightscape_small.py.
_base_ = 'nightscape_small.py'
train_dataloader = dict(batch_size=1)
test_dataloader = dict(
    dataset=dict(label='data/nightscape_small/test/label', boxes='data/nightscape_small/test/boxes_night.json'))
