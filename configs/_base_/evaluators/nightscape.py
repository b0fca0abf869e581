# As paired.py; the test table also gets the rows of the answers that need no training. Their colour statistics are
# those of the training sets, which are where the evaluated pictures are (data_root='auto').
val_evaluator = [dict(type='PSNR'), dict(type='SSIM'), dict(type='Colourfulness')]
test_evaluator = [
    dict(
        type='BaselineTable',
        metrics=val_evaluator,
        night=dict(type='NightscapeDataset', data_root='auto', split='train', rendering='night'),
        day=dict(type='NightscapeDataset', data_root='auto', split='train', rendering='day')),
    *val_evaluator]
# A config that wants its best checkpoint kept: default_hooks = dict(checkpoint={{_base_.best_checkpoint}})
best_checkpoint = dict(save_best='PSNR', rule='greater')
