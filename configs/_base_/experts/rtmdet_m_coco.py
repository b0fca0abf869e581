# RTMDet-m on COCO (mmdet): stands in for YOLOv4, which MornGAN measures detection with. Its own thresholds are those
# of the protocol: confidence 0.001, NMS at 0.65, 300 boxes, pictures fitted into 640x640.
detection_expert = dict(
    type='DetectionExpert',
    config='mmdet::rtmdet/rtmdet_m_8xb32-300e_coco.py',
    checkpoint=(
        'https://download.openmmlab.com/mmdetection/v3.0/rtmdet/rtmdet_m_8xb32-300e_coco/'
        'rtmdet_m_8xb32-300e_coco_20220719_112220-229f527c.pth'),
    class_map='coco')
