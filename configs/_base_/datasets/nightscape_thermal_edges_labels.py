# Nightscape, 512x256, thermal to day, with edges and an expert's label maps of the days (label_day), made by
# python tools/pseudo_label/segment.py nightgen::_base_/experts/nightscape.py \
#     data/nightscape/train/day data/nightscape_pseudo/label_day
# (Not below data/nightscape*, whose files are those of its manifest.)
_base_ = 'nightscape_thermal_edges.py'
train_dataloader = dict(
    dataset=dict(
        day=dict(
            beside=dict(label='../nightscape_pseudo/label_day'),
            pipeline=[*_base_.load_edges_label, *_base_.augmentation])))
