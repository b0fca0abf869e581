# Faster R-CNN with ResNet-101 and FPN on COCO (mmdet, 2x): what DiCo shows its results with.
detection_expert = dict(
    type='DetectionExpert',
    config='mmdet::faster_rcnn/faster-rcnn_r101_fpn_2x_coco.py',
    checkpoint=(
        'https://download.openmmlab.com/mmdetection/v2.0/faster_rcnn/faster_rcnn_r101_fpn_2x_coco/'
        'faster_rcnn_r101_fpn_2x_coco_bbox_mAP-0.398_20200504_210455-1d2dac9c.pth'),
    class_map='coco')
