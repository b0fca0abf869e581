# Mask2Former with ResNet-50 on COCO panoptic (mmdet): a stronger stand-in for the panoptic model of Detectron2 that
# MornGAN fuses labels with.
panoptic_expert = dict(
    type='SegmentationExpert',
    config='mmdet::mask2former/mask2former_r50_8xb2-lsj-50e_coco-panoptic.py',
    checkpoint=(
        'https://download.openmmlab.com/mmdetection/v3.0/mask2former/mask2former_r50_8xb2-lsj-50e_coco-panoptic/'
        'mask2former_r50_8xb2-lsj-50e_coco-panoptic_20230118_125535-54df384a.pth'),
    class_map='coco_panoptic',
    input_size='config')
