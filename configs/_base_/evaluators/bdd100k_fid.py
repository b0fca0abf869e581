# Distances of the translated nights to BDD100K's clear days of the same split: FID, as DiCo reports it, and KID, which
# small sets do not bias. Needs pt_inception-2015-12-05-6726825d.pth of pytorch-fid; nothing is used in its place.
_inception = dict(type='InceptionFeatures', weights='checkpoints/pt_inception-2015-12-05-6726825d.pth')
_days = dict(
    type='BDD100KDataset', data_root='auto', domain='day', split='val', timeofday='daytime', weather='clear')
val_evaluator = [dict(type='Colourfulness')]
test_evaluator = [
    dict(type='FrechetInceptionDistance', extractor=_inception, real=_days, cache_dir='work_dirs/feature_cache'),
    dict(type='KernelInceptionDistance', extractor=_inception, real=_days, cache_dir='work_dirs/feature_cache'),
    dict(type='Colourfulness')]
