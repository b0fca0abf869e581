# Panoptic FPN with ResNet-101 on COCO panoptic (mmdet, 3x): the same kind of model as the one of Detectron2 that
# MornGAN fuses labels with.
panoptic_expert = dict(
    type='SegmentationExpert',
    config='mmdet::panoptic_fpn/panoptic-fpn_r101_fpn_ms-3x_coco.py',
    checkpoint=(
        'https://download.openmmlab.com/mmdetection/v2.0/panoptic_fpn/panoptic_fpn_r101_fpn_mstrain_3x_coco/'
        'panoptic_fpn_r101_fpn_mstrain_3x_coco_20210823_114712-9c99acc4.pth'),
    class_map='coco_panoptic',
    input_size='config')
