# FLIR ADAS v1, with edges and an expert's label maps of the days (label_day), made by
# python tools/pseudo_label/segment.py configs/_base_/experts/ocrnet_hr48_cityscapes.py \
#     data/flir/train/day data/flir/train/label_day
_base_ = 'flir_edges.py'
train_dataloader = dict(
    dataset=dict(
        day=dict(
            beside=dict(label='train/label_day'),
            pipeline=[*_base_.load_edges_label, *_base_.augmentation])))
