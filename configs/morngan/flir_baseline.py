# MornGAN's ablation, row Baseline: ToDayGAN-NTIR. Its temperature term reads roads and persons alone, which denoising
# of days leaves as they are.
_base_ = '../todaygan/flir_ntir.py'
