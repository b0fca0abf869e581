# DiCo on BDD100K, driving with one mean reference: 200 epochs at 2e-4, 200 falling to 0.
_base_ = [
    '../_base_/models/dico.py', '../_base_/datasets/bdd100k_dico.py',
    '../_base_/evaluators/bdd100k_fid.py', '../_base_/schedules/cut_400ep.py',
    '../_base_/default_runtime.py']
