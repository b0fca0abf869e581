# FID, as DiCo reports it, and KID to the real days of the scene in <data_root>/val. Needs
# pt_inception-2015-12-05-6726825d.pth of pytorch-fid; nothing is used in its place.
_inception = dict(type='InceptionFeatures', weights='checkpoints/pt_inception-2015-12-05-6726825d.pth')
_days = dict(type='NightSuRDataset', scene='traffic', data_root='auto', data_prefix=dict(img='val'), timeofday='day')
val_evaluator = [dict(type='Colourfulness')]
test_evaluator = [
    dict(type='FrechetInceptionDistance', extractor=_inception, real=_days),
    dict(type='KernelInceptionDistance', extractor=_inception, real=_days),
    dict(type='Colourfulness')]
