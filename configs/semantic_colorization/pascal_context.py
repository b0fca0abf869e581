# The paper's colour network with instance norm on the grey stream, in the released layout: 37,704,096 parameters.
_base_ = [
    '../_base_/models/semantic_colorization.py', '../_base_/datasets/pascal_context_colorization.py',
    '../_base_/evaluators/semantic_colorization.py', '../_base_/schedules/semantic_colorization.py',
    '../_base_/default_runtime.py']
# Predicts maps where there are none: train pascal_context_gridnet.py and put its checkpoint here. Any mmseg model whose
# classes PASCAL-Context has may stand in.
model = dict(
    segmentor=dict(
        type='SegmentationExpert',
        config='nightgen::semantic_colorization/pascal_context_gridnet.py',
        checkpoint='checkpoints/pascal_context_gridnet.pth'))
