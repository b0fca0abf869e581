# GcGAN on FLIR ADAS, thermal night to colour day, with CycleGAN's schedule, as its code: 100 epochs at 2e-4, 100
# falling to 0.
_base_ = [
    '../_base_/models/gcgan.py', '../_base_/datasets/flir.py',
    '../_base_/evaluators/flir.py', '../_base_/schedules/cyclegan_200ep.py',
    '../_base_/default_runtime.py']
