# MornGAN's and PearlGAN's protocol on FLIR ADAS: 490 thermal nights at 360x288, outputs min-max stretched.
# APCE; mIoU of nine classes, riders as persons, and of those with small samples; AP at 0.5 by 101 trapezoids,
# precision and recall at 0.1. OCRNet stands in for HMSANet and YOLOX for YOLOv4, so tables say which judged.
_base_ = ['../experts/ocrnet_hr48_cityscapes.py', '../experts/yolox_l_coco.py']
val_evaluator = [dict(type='StretchedOutput', metrics=[dict(type='APCE'), dict(type='Colourfulness')])]
test_evaluator = [
    dict(
        type='StretchedOutput',
        metrics=[
            dict(type='APCE'),
            dict(
                type='SegmentationConsistency',
                expert={{_base_.segmentation_expert}},
                classes=('road', 'building', 'sky', 'car', 'traffic sign', 'person', 'motorcycle', 'truck', 'bus'),
                small=('traffic sign', 'person', 'motorcycle', 'truck', 'bus'),
                rider='person'),
            dict(
                type='DetectionConsistency',
                expert={{_base_.detection_expert}},
                classes=('person', 'bicycle', 'car'),
                rule='101',
                confidence=0.1),
            dict(type='Colourfulness')])]
# A config that wants its best checkpoint kept: default_hooks = dict(checkpoint={{_base_.best_checkpoint}})
best_checkpoint = dict(save_best='APCE', rule='greater')
