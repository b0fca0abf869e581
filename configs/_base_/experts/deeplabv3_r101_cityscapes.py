# DeepLabV3 with ResNet-101 on Cityscapes (mmseg, 80,000 iterations): what DiCo shows its results with.
segmentation_expert = dict(
    type='SegmentationExpert',
    config='mmseg::deeplabv3/deeplabv3_r101-d8_4xb2-80k_cityscapes-512x1024.py',
    checkpoint=(
        'https://download.openmmlab.com/mmsegmentation/v0.5/deeplabv3/deeplabv3_r101-d8_512x1024_80k_cityscapes/'
        'deeplabv3_r101-d8_512x1024_80k_cityscapes_20200606_113503-9e428899.pth'),
    class_map='cityscapes')
