# FLIR ADAS v1, with the edges of both domains (edges_day, edges_thermal); see pipelines.py.
_base_ = 'flir.py'
train_dataloader = dict(
    dataset=dict(
        day=dict(pipeline=[*_base_.load_edges, *_base_.augmentation]),
        thermal=dict(pipeline=[*_base_.load_blurred_edges, *_base_.augmentation])))
