# SegFormer-B5 on Cityscapes (mmseg, 160,000 iterations): a stronger stand-in for HMSANet.
segmentation_expert = dict(
    type='SegmentationExpert',
    config='mmseg::segformer/segformer_mit-b5_8xb1-160k_cityscapes-1024x1024.py',
    checkpoint=(
        'https://download.openmmlab.com/mmsegmentation/v0.5/segformer/segformer_mit-b5_8x1_1024x1024_160k_cityscapes/'
        'segformer_mit-b5_8x1_1024x1024_160k_cityscapes_20211206_072934-87a052ec.pth'),
    class_map='cityscapes')
