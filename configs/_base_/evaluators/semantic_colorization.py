# Errors of ab, PSNR of ab, colourfulness and histograms; the paper itself has a user study only.
val_evaluator = [dict(type='ChromaError'), dict(type='ChromaHistogram'), dict(type='Colourfulness')]
test_evaluator = val_evaluator
# A config that wants its best checkpoint kept: default_hooks = dict(checkpoint={{_base_.best_checkpoint}})
best_checkpoint = dict(save_best='ChromaError', rule='less')
