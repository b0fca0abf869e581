# DiCo on FLIR1k, driving with one mean reference: 200 epochs at 2e-4, 200 falling to 0.
_base_ = [
    '../_base_/models/dico.py', '../_base_/datasets/flir1k.py',
    '../_base_/evaluators/flir1k_fid.py', '../_base_/schedules/cut_400ep.py',
    '../_base_/default_runtime.py']
