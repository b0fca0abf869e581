# The table of the conditional-GAN colorization paper on Nightscape, where no ImageNet network is needed: the distance
# is of the maps of Nightscape's own segmentor and named after it, for rendered pictures only. VGG19, as in the paper:
#   dict(type='PerceptualDistance', weights='checkpoints/vgg19_caffe.pth', preprocess='caffe')
# The rows above the model are the true day (whose colourfulness is the aim) and the grey input itself.
_base_ = ['../experts/nightscape.py']
val_evaluator = [dict(type='ChromaError'), dict(type='ChromaHistogram'), dict(type='Colourfulness')]
table = [
    *val_evaluator,
    dict(
        type='PerceptualDistance',
        network=dict(
            type='SegmentorFeatures', expert={{_base_.segmentation_expert}}, name='nightscape_segmentor'))]
test_evaluator = [dict(type='BaselineTable', metrics=table, baselines=('true_day', 'grey_input')), *table]
# A config that wants its best checkpoint kept: default_hooks = dict(checkpoint={{_base_.best_checkpoint}})
best_checkpoint = dict(save_best='ChromaIntersection', rule='greater')
