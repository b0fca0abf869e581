# UNIT on KAIST, thermal night to colour day, with UNIT's own schedule of 1,000,000 iterations.
_base_ = [
    '../_base_/models/unit.py', '../_base_/datasets/kaist.py',
    '../_base_/evaluators/kaist.py', '../_base_/schedules/unit_1000k.py',
    '../_base_/default_runtime.py']
