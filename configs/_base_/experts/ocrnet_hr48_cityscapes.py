# OCRNet with HRNet-48 on Cityscapes (mmseg, 160,000 iterations): stands in for HMSANet, which MornGAN labels and
# judges with.
segmentation_expert = dict(
    type='SegmentationExpert',
    config='mmseg::ocrnet/ocrnet_hr48_4xb2-160k_cityscapes-512x1024.py',
    checkpoint=(
        'https://download.openmmlab.com/mmsegmentation/v0.5/ocrnet/ocrnet_hr48_512x1024_160k_cityscapes/'
        'ocrnet_hr48_512x1024_160k_cityscapes_20200602_191037-dfbf1b0c.pth'),
    class_map='cityscapes')
