# Test only: the night images of Dark Zurich at 1920x1080 with a network trained on BDD100K (the paper's table 1).
_base_ = [
    '../_base_/models/n2d_lpnet.py', '../_base_/datasets/dark_zurich.py', '../_base_/default_runtime.py']
inference_shape = (1080, 1920)
test_evaluator = [dict(type='Colourfulness')]
test_cfg = dict()
