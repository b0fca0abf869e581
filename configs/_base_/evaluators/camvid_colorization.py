# Errors of ab, of each class too, PSNR of ab, colourfulness and histograms, on real streets: beside the model the true
# colours and the grey input.
val_evaluator = [
    dict(type='ChromaError', label_set='camvid'), dict(type='ChromaHistogram'), dict(type='Colourfulness')]
test_evaluator = [
    dict(type='BaselineTable', metrics=val_evaluator, baselines=('true_day', 'grey_input')), *val_evaluator]
# A config that wants its best checkpoint kept: default_hooks = dict(checkpoint={{_base_.best_checkpoint}})
best_checkpoint = dict(save_best='ChromaError', rule='less')
