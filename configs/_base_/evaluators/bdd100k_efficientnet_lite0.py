# As bdd100k_fid.py on EfficientNet-Lite0 (requirements/features.txt), where the FID's own network is not to be had: FD
# and KD of that network to BDD100K's clear days of the same split, no FID or KID.
_network = dict(type='EfficientNetFeatures')
_days = dict(
    type='BDD100KDataset', data_root='auto', domain='day', split='val', timeofday='daytime', weather='clear')
val_evaluator = [dict(type='Colourfulness')]
test_evaluator = [
    dict(type='FrechetInceptionDistance', extractor=_network, real=_days, cache_dir='work_dirs/feature_cache'),
    dict(type='KernelInceptionDistance', extractor=_network, real=_days, cache_dir='work_dirs/feature_cache'),
    dict(type='Colourfulness')]
