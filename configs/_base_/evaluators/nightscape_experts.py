# Nightscape's whole table: what its own segmentor and detector see in the outputs, edges, PSNR and SSIM against the
# hidden day, and the Frechet distance on the segmentor's features (no FID, and named after that network). The rows
# above the model are the true day, the night itself, the thermal picture of the same scene and histogram matching. The
# test set carries label maps and boxes; further sets are where the evaluated pictures are (data_root='auto').
_base_ = ['../experts/nightscape.py']
val_evaluator = [dict(type='PSNR'), dict(type='SSIM'), dict(type='Colourfulness')]
table = [
    dict(
        type='SegmentationConsistency',
        expert={{_base_.segmentation_expert}},
        small=('traffic light', 'traffic sign', 'person', 'rider', 'motorcycle', 'bicycle'),
        per_class=False),
    dict(type='DetectionConsistency', expert={{_base_.detection_expert}}),
    dict(type='APCE'),
    dict(type='PSNR'),
    dict(type='SSIM'),
    dict(
        type='FrechetInceptionDistance',
        extractor=dict(
            type='SegmentorFeatures', expert={{_base_.segmentation_expert}}, name='nightscape_segmentor'),
        real=dict(type='NightscapeDataset', data_root='auto', split='test', rendering='day'))]
test_evaluator = [
    dict(
        type='BaselineTable',
        metrics=table,
        baselines=('true_day', 'night_input', 'histogram_matching'),
        folders=dict(
            thermal_input=dict(type='NightscapeDataset', data_root='auto', split='test', rendering='thermal')),
        night=dict(type='NightscapeDataset', data_root='auto', split='train', rendering='night'),
        day=dict(type='NightscapeDataset', data_root='auto', split='train', rendering='day')),
    *table]
# A config that wants its best checkpoint kept: default_hooks = dict(checkpoint={{_base_.best_checkpoint}})
best_checkpoint = dict(save_best='PSNR', rule='greater')
