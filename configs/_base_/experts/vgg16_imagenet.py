# VGG-16 with torchvision's ImageNet weights, the layers that DiCo and F-LSeSim compare. Read when training begins.
feature_network = dict(
    type='VGGFeatures', depth=16, layers=('relu3_1', 'relu4_1'), weights='checkpoints/vgg16-397923af.pth',
    sha256='397923af')
