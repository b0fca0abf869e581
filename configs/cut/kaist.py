# CUT on KAIST, thermal night to colour day, with CUT's own schedule: 200 epochs at 2e-4, 200 falling to 0.
_base_ = [
    '../_base_/models/cut.py', '../_base_/datasets/kaist.py',
    '../_base_/evaluators/kaist.py', '../_base_/schedules/cut_400ep.py',
    '../_base_/default_runtime.py']
