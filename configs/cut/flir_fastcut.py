# FastCUT on FLIR ADAS, thermal night to colour day, with its own schedule: 150 epochs at 2e-4, 50 falling to 0.
_base_ = [
    '../_base_/models/fastcut.py', '../_base_/datasets/flir.py',
    '../_base_/evaluators/flir.py', '../_base_/schedules/fastcut_200ep.py',
    '../_base_/default_runtime.py']
