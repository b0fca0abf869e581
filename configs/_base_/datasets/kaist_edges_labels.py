# KAIST, with edges and an expert's label maps of the days (label_day), made by
# python tools/pseudo_label/segment.py configs/_base_/experts/ocrnet_hr48_cityscapes.py \
#     data/kaist/train/day data/kaist/train/label_day
_base_ = 'kaist_edges.py'
train_dataloader = dict(
    dataset=dict(
        day=dict(
            beside=dict(label='train/label_day'),
            pipeline=[*_base_.load_edges_label, *_base_.augmentation])))
