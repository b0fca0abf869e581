"""Tiny mmseg and mmdet models with checkpoints, to test experts and what uses them. Imports both when called."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path

import torch
from mmengine.config import ConfigDict
from mmengine.registry import MODELS

_RESNET = dict(depth=18, base_channels=8, num_stages=4, out_indices=(0, 1, 2, 3))


def tiny_segmentor(num_classes: int = 19) -> dict:
    """Config of an mmseg segmentor with about 200,000 parameters; RGB mean and deviation as usual."""
    norm = dict(type='SyncBN', requires_grad=True)
    model = dict(
        type='EncoderDecoder', pretrained='open-mmlab://resnet18_v1c',
        data_preprocessor=dict(type='SegDataPreProcessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375],
                               bgr_to_rgb=True),
        backbone=dict(type='ResNetV1c', stem_channels=8, strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4), norm_cfg=norm,
                      **_RESNET),
        decode_head=dict(type='FCNHead', in_channels=64, in_index=3, channels=8, num_convs=1, norm_cfg=norm,
                         num_classes=num_classes, loss_decode=dict(type='CrossEntropyLoss')),
        train_cfg=dict(), test_cfg=dict(mode='whole'))
    return dict(default_scope='mmseg', model=model)


def tiny_detector(num_classes: int = 3) -> dict:
    """Config of an mmdet detector with about 200,000 parameters that takes BGR and finds 20 boxes in every picture."""
    model = dict(
        type='RetinaNet',
        data_preprocessor=dict(type='DetDataPreprocessor', mean=[103.53, 116.28, 123.675], std=[1.0, 1.0, 1.0],
                               bgr_to_rgb=False, pad_size_divisor=32),
        backbone=dict(type='ResNet', init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet18'), **_RESNET),
        neck=dict(type='FPN', in_channels=[8, 16, 32, 64], out_channels=16, start_level=1, num_outs=3),
        bbox_head=dict(
            type='RetinaHead', num_classes=num_classes, in_channels=16, stacked_convs=1, feat_channels=16,
            anchor_generator=dict(type='AnchorGenerator', octave_base_scale=4, scales_per_octave=1, ratios=[1.0],
                                  strides=[8, 16, 32]),
            bbox_coder=dict(type='DeltaXYWHBBoxCoder')),
        test_cfg=dict(nms_pre=100, min_bbox_size=0, score_thr=0.0, nms=dict(type='nms', iou_threshold=0.5),
                      max_per_img=20))
    pipeline = [dict(type='LoadImageFromFile'), dict(type='Resize', scale=(96, 64), keep_ratio=True),
                dict(type='PackDetInputs', meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor'))]
    return dict(default_scope='mmdet', model=model, test_pipeline=pipeline)


def save_tiny_weights(config: Mapping, path: str | Path, classes: tuple[str, ...], seed: int = 0) -> Path:
    """Writes a checkpoint with random weights, in the form of a published one, for a config made here.

    Args:
        config: Of :func:`tiny_segmentor` or :func:`tiny_detector`.
        path: File to write.
        classes: Recorded in the checkpoint.
        seed: Of the weights.
    """
    from nightgen.models.experts.building import import_package, scope, strip_pretrained
    import_package(config['default_scope'])
    with scope(config['default_scope']), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = MODELS.build(ConfigDict(strip_pretrained(copy.deepcopy(config['model']))))
        for name, parameter in network.named_parameters():
            if name.endswith('.bias') and 'cls' not in name:
                torch.nn.init.normal_(parameter, std=0.1)
    torch.save(dict(meta=dict(dataset_meta=dict(classes=classes)), state_dict=network.state_dict()), path)
    return Path(path)
