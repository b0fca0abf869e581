# DiCo on any folder of fixed cameras, one model for all of them: 200 epochs at 2e-4, 200 falling to 0. Its features are
# those of EfficientNet-Lite0, which need no download.
_base_ = [
    '../_base_/models/dico_efficientnet.py', '../_base_/datasets/cameras.py',
    '../_base_/evaluators/cameras.py', '../_base_/schedules/cut_400ep.py',
    '../_base_/default_runtime.py']
