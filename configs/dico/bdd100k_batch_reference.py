# DiCo on BDD100K with the mean of a batch's days as reference, made at every step, in place of one mean of 512 days; in
# batches of 8.
_base_ = 'bdd100k.py'
_features = _base_.model.tensors[0]
train_dataloader = dict(batch_size=8, dataset=dict(night=dict(inputs=())))
model = dict(
    inputs=(),
    tensors=[
        dict(_features, reads=dict(_features['reads'], reference='batch_reference')),
        dict(type='BatchMean', name='batch_reference', reads=dict(images='real_day'))])
