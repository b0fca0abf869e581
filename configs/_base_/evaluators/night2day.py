# Real nights without a truth, beside the days of <data_root>/val/day: the candidates' table of docs/models.md.
# Distances on a network that a discriminator looked through are no independent judge: read APCE beside them, and look
# at the images.
_days = dict(type='ImageFolderDataset', data_root='auto', data_prefix=dict(img='val/day'))
val_evaluator = [
    dict(type='KernelInceptionDistance', extractor=dict(type='EfficientNetFeatures'), real=_days),
    dict(type='DarkChromaSpread'),
    dict(type='APCE'),
    dict(type='Colourfulness')]
test_evaluator = [
    dict(
        type='BaselineTable', metrics=val_evaluator,
        baselines=('night_input', 'gamma', 'histogram_matching', 'clahe'),
        day=dict(type='ImageFolderDataset', data_root='auto', data_prefix=dict(img='train/day')),
        night=dict(type='ImageFolderDataset', data_root='auto', data_prefix=dict(img='train/night'))),
    *val_evaluator]
