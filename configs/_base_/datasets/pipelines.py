# What training pipelines are made of: [*load, *augmentation]. What lies beside the image is cropped and flipped with
# it.
load = [dict(type='LoadImage')]
# Edges for structured gradient alignment, found on the fly in the whole picture by MATLAB's Canny with [0.1 0.2], as
# PearlGAN's of day pictures. The detector of its thermal edges is not public: these are Canny's after a Gaussian.
load_edges = [*load, dict(type='CannyEdges')]
load_blurred_edges = [*load, dict(type='CannyEdges', blur=1.0)]
# Edge maps of any origin from a folder; the data set needs beside=dict(edges=<folder below data_root>).
load_edge_maps = [*load, dict(type='LoadImage', key='edges', mode='grey')]
# Edges and a label map; the data set needs beside=dict(label=<folder below data_root>).
load_edges_label = [*load_edges, dict(type='LoadImage', key='label', mode='label')]

augmentation = [
    dict(type='RandomCropImages', crop_size=256),
    dict(type='RandomFlipTranspose', horizontal=0.5),
    dict(type='PackTranslationInputs')]

test_pipeline = [*load, dict(type='PackTranslationInputs')]
