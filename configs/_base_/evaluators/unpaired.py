# No truth, as in every real data set: only what the outputs say by themselves, and so no best checkpoint.
val_evaluator = [dict(type='Colourfulness')]
test_evaluator = val_evaluator
