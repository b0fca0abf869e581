# Nightscape driving views, 512x256, night to day for two-sided methods: batches of one, and test nights with label maps
# and boxes. The data: see nightscape.py.
_base_ = 'nightscape.py'
train_dataloader = dict(batch_size=1)
test_dataloader = dict(
    dataset=dict(label='data/nightscape/test/label', boxes='data/nightscape/test/boxes_night.json'))
