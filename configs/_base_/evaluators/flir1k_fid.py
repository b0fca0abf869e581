# FID, as DiCo reports it, and KID to FLIR1k's days in <data_root>/test/day. Needs
# pt_inception-2015-12-05-6726825d.pth of pytorch-fid; nothing is used in its place.
_inception = dict(type='InceptionFeatures', weights='checkpoints/pt_inception-2015-12-05-6726825d.pth')
_days = dict(type='ImageFolderDataset', data_root='auto', data_prefix=dict(img='test/day'), domain='day')
val_evaluator = [dict(type='Colourfulness')]
test_evaluator = [
    dict(type='FrechetInceptionDistance', extractor=_inception, real=_days),
    dict(type='KernelInceptionDistance', extractor=_inception, real=_days),
    dict(type='Colourfulness')]
