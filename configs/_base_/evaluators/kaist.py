# MornGAN's and PearlGAN's protocol on KAIST: 500 thermal nights at 360x288, outputs min-max stretched.
# As flir.py without trucks, and detection of persons only. OCRNet stands in for HMSANet and YOLOX for YOLOv4. The list
# of the papers' 611 pictures for detection is not published: the detection numbers here are not comparable with theirs.
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
                classes=('road', 'building', 'sky', 'car', 'traffic sign', 'person', 'motorcycle', 'bus'),
                small=('traffic sign', 'person', 'motorcycle', 'bus'),
                rider='person'),
            dict(
                type='DetectionConsistency',
                expert={{_base_.detection_expert}},
                classes=('person', ),
                rule='101',
                confidence=0.1),
            dict(type='Colourfulness')])]
# A config that wants its best checkpoint kept: default_hooks = dict(checkpoint={{_base_.best_checkpoint}})
best_checkpoint = dict(save_best='APCE', rule='greater')
