# MornGAN's ablation, row SC: row SDP without semantic denoising. The label maps of the days are those that fuse.py
# writes with --no-denoise, in label_day_fused.
_base_ = './nightscape_sdp.py'
train_dataloader = dict(dataset=dict(day=dict(variants=dict(label='fused'))))
model = dict(tensors=[
    dict(tensor, rules=None) if tensor['type'] == 'DistilledLabel' else tensor for tensor in _base_.model.tensors])
