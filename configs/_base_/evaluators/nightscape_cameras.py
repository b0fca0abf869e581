# The table of fixed cameras on Nightscape: distances to the hidden days on EfficientNet-Lite0 (FD, no FID) and on
# Nightscape's own segmentor, what that segmentor sees, of all and of what moves, PSNR, SSIM, and the errors of what
# moves and of what stands apart. Above the model: the true day, the night, and the camera's median day, which answers
# every night with one picture.
_base_ = ['../experts/nightscape.py']
val_evaluator = [dict(type='PSNR'), dict(type='SSIM'), dict(type='Colourfulness')]
table = [
    dict(type='FrechetInceptionDistance', extractor=dict(type='EfficientNetFeatures'), real='truth'),
    dict(
        type='FrechetInceptionDistance',
        extractor=dict(
            type='SegmentorFeatures', expert={{_base_.segmentation_expert}}, name='nightscape_segmentor'),
        real='truth'),
    dict(type='PSNR'),
    dict(type='SSIM'),
    dict(
        type='SegmentationConsistency',
        expert={{_base_.segmentation_expert}},
        moving=('person', 'rider', 'car', 'truck', 'bus', 'motorcycle', 'bicycle'),
        per_class=False),
    dict(type='RegionError')]
test_evaluator = [
    dict(
        type='BaselineTable',
        metrics=table,
        baselines=('true_day', 'night_input'),
        folders=dict(median_day='{root}_references/{camera}.png')),
    *table]
# A config that wants its best checkpoint kept: default_hooks = dict(checkpoint={{_base_.best_checkpoint}})
best_checkpoint = dict(save_best='PSNR', rule='greater')
