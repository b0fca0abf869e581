# MornGAN's ablation, row Baseline: ToDayGAN-NTIR. Its temperature term reads roads and persons alone, which denoising
# of days leaves as they are.
_base_ = '../todaygan/nightscape_small_ntir.py'
train_cfg = dict(max_iters=1200, val_interval=1200)
param_scheduler = dict(begin=600, end=1200)
# Late terms begin where the other rows' do.
model = dict(losses=[dict(term, begin=50) if 'begin' in term else term for term in _base_.model.losses])
