# UNIT on FLIR ADAS, thermal night to colour day, with UNIT's own schedule of 1,000,000 iterations.
_base_ = [
    '../_base_/models/unit.py', '../_base_/datasets/flir.py',
    '../_base_/evaluators/flir.py', '../_base_/schedules/unit_1000k.py',
    '../_base_/default_runtime.py']
