# Distances on EfficientNet-Lite0 (requirements/features.txt) for sets with a hidden truth: of the sets of outputs and
# truths, and of each pair. FD, KD and PerceptualDistance of that network, no FID, KID or LPIPS.
_network = dict(type='EfficientNetFeatures')
val_evaluator = [dict(type='PSNR'), dict(type='SSIM'), dict(type='Colourfulness')]
test_evaluator = [
    *val_evaluator,
    dict(type='FrechetInceptionDistance', extractor=_network, real='truth'),
    dict(type='KernelInceptionDistance', extractor=_network, real='truth'),
    dict(type='PerceptualDistance', network=_network)]
# A config that wants its best checkpoint kept: default_hooks = dict(checkpoint={{_base_.best_checkpoint}})
best_checkpoint = dict(save_best='PSNR', rule='greater')
