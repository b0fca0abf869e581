# FLIR ADAS v1, 360x288: the colours are learnt on its 5,447 days and given to its 490 thermal nights, whose intensity
# stands for the luma. No picture is of the same scene in both. The data: see flir.py.
_base_ = 'flir.py'
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ColorizationDataset',
        truth=False,
        dataset=_base_.train_dataloader.dataset.day))
val_dataloader = dict(dataset=dict(type='ColorizationDataset', truth=False))
test_dataloader = dict(dataset=dict(type='ColorizationDataset', truth=False))
