# The evaluation set has a hidden truth: SingleDomainDataset(truth=...).
val_evaluator = [dict(type='PSNR'), dict(type='SSIM'), dict(type='Colourfulness')]
test_evaluator = val_evaluator
# A config that wants its best checkpoint kept: default_hooks = dict(checkpoint={{_base_.best_checkpoint}})
best_checkpoint = dict(save_best='PSNR', rule='greater')
