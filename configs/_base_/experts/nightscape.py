# The experts of Nightscape, for rendered pictures only: made by the commands at the top of configs/experts/*.py.
segmentation_expert = dict(
    type='SegmentationExpert',
    config='nightgen::experts/nightscape_segmentor.py',
    checkpoint='nightgen::experts/nightscape_segmentor.pth',
    class_map='cityscapes',
    input_size='config')
detection_expert = dict(
    type='DetectionExpert',
    config='nightgen::experts/nightscape_detector.py',
    checkpoint='nightgen::experts/nightscape_detector.pth',
    class_map='cityscapes')
