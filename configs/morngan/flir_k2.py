# MornGAN with 2 clusters in place of 4 (the paper's table 7).
_base_ = './flir.py'
model = dict(losses=[
    dict(term, num_clusters=2) if term['type'] == 'AdaptiveCollaborativeAttentionLoss' else term
    for term in _base_.model.losses])
