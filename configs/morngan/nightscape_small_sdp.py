# MornGAN's ablation, row SDP: row MGCA without the memory and attention between domains. It is ToDayGAN-NTIR with the
# segmentation networks and denoised labels.
_base_ = './nightscape_small_mgca.py'
train_dataloader = dict(dataset=dict(pairing=dict(_delete_=True, type='IndependentPairing')))
custom_hooks = [hook for hook in _base_.custom_hooks if hook['type'] != 'LabelMemoryHook']
model = dict(losses=[term for term in _base_.model.losses if term['type'] != 'AdaptiveCollaborativeAttentionLoss'])
