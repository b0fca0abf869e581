# The table of the conditional-GAN colorization paper: errors of ab, PSNR of ab, distance of VGG19 features, and the
# histograms of its figure. The published scale of the distance needs VGG19 weights converted from Caffe or Keras.
val_evaluator = [dict(type='ChromaError'), dict(type='ChromaHistogram'), dict(type='Colourfulness')]
test_evaluator = [
    *val_evaluator,
    dict(type='PerceptualDistance', weights='checkpoints/vgg19_caffe.pth', preprocess='caffe')]
# A config that wants its best checkpoint kept: default_hooks = dict(checkpoint={{_base_.best_checkpoint}})
best_checkpoint = dict(save_best='ChromaIntersection', rule='greater')
