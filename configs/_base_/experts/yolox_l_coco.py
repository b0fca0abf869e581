# YOLOX-L on COCO (mmdet): stands in for YOLOv4, which MornGAN measures detection with: confidence 0.001, NMS at 0.65,
# pictures fitted into 640x640.
detection_expert = dict(
    type='DetectionExpert',
    config='mmdet::yolox/yolox_l_8xb8-300e_coco.py',
    checkpoint=(
        'https://download.openmmlab.com/mmdetection/v2.0/yolox/yolox_l_8x8_300e_coco/'
        'yolox_l_8x8_300e_coco_20211126_140236-d3bd2b23.pth'),
    class_map='coco',
    cfg_options={'model.test_cfg.score_thr': 0.001})
