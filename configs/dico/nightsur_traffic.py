# DiCo on NightSuR's scene "traffic": 200 epochs at 2e-4, 200 falling to 0.
_base_ = [
    '../_base_/models/dico.py', '../_base_/datasets/nightsur.py',
    '../_base_/evaluators/nightsur_fid.py', '../_base_/schedules/cut_400ep.py',
    '../_base_/default_runtime.py']
