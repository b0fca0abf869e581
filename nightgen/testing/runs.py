"""A complete training run in miniature: pictures, config, seconds on a CPU."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config

from nightgen.utils.images import write_image


def write_domains(root: str | Path, count: int = 9, size: tuple[int, int] = (40, 40), seed: int = 0) -> Path:
    """Write ``night``, ``day`` (other scenes) and the truth of the nights ``truth`` as folders of PNGs.

    Args:
        root: Made if it is not there.
        count: Pictures of each.
        size: Height and width.
        seed: Of the random blobs that the pictures consist of.
    """
    rng = np.random.default_rng(seed)
    root = Path(root)
    for index in range(count):
        scenes = [cv2.resize(rng.integers(0, 256, (5, 5, 3), np.uint8), size[::-1]) for _ in range(2)]
        pictures = dict(night=scenes[0] // 4, truth=scenes[0], day=scenes[1])
        for folder, picture in pictures.items():
            (root / folder).mkdir(parents=True, exist_ok=True)
            write_image(str(root / folder / f'{index:04d}.png'), picture)
    return root


def small_run(data_root: str | Path, work_dir: str | Path, max_iters: int = 4, workers: int = 0, accumulate: int = 1,
              pool: int = 3, **overrides: Any) -> Config:
    """A config that trains a tiny N2D-LPNet on the folders of :func:`write_domains`, for ``Runner.from_cfg``.

    It has what makes a resume hard: an image pool, random crops and flips, two optimizers, averaged weights, and a
    learning rate that falls. A checkpoint is written at the end only.

    Args:
        data_root: See :func:`write_domains`.
        work_dir: Of the run.
        max_iters: Iterations.
        workers: Data workers.
        accumulate: Iterations per update.
        pool: Images that the discriminator's pool holds.
        **overrides: Merged into the config (``Config.merge_from_dict``: dots reach inside); a dictionary with
            ``_delete_=True`` replaces what is there.
    """
    def images(folder: str, *transforms: dict) -> dict:
        pipeline = [dict(type='LoadImage'), *transforms, dict(type='PackTranslationInputs')]
        return dict(type='ImageFolderDataset', data_root=str(data_root), data_prefix=dict(img=folder),
                    pipeline=pipeline, serialize_data=False)  # which would collect garbage, half of a short run's time

    augment = [dict(type='RandomCropImages', crop_size=32), dict(type='RandomFlipTranspose', horizontal=0.5)]
    evaluation = dict(batch_size=2, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
                      dataset=dict(type='SingleDomainDataset', domain='night', dataset=images('night'),
                                   truth=images('truth')))
    optimizer = dict(type='Adam', lr=1e-3, betas=(0.9, 0.99))
    config = dict(
        default_scope='nightgen', work_dir=str(work_dir), randomness=dict(seed=3, diff_rank_seed=True),
        experiment_name=Path(work_dir).name,  # runs of one second would share mmengine's logger and message hub
        model=dict(
            type='OneSidedTranslator', domains=('night', 'day'), generator=dict(type='N2DLPNet', num_levels=2, base=4),
            discriminator=dict(type='MultiScalePatchDiscriminator', base=4, num_layers=1, num_scales=2),
            losses=[dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_day', target='real_night')),
                    dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'), pool=pool)],
            data_preprocessor=dict(type='TranslationDataPreprocessor')),
        model_wrapper_cfg=dict(type='nightgen.BroadcastWrapper'),
        optim_wrapper=dict(constructor='PlayerOptimWrapperConstructor', accumulate=accumulate, amp='off',
                           generator=dict(optimizer=optimizer), discriminator=dict(optimizer=optimizer)),
        param_scheduler=dict(type='ExponentialLR', gamma=0.9, by_epoch=False, end=10**9),  # as long as any run
        train_cfg=dict(type='ResumableTrainLoop', max_iters=max_iters, val_interval=10**6),
        val_cfg=dict(type='ValLoop'), test_cfg=dict(type='TestLoop'),
        train_dataloader=dict(
            batch_size=2, num_workers=workers, persistent_workers=workers > 0, sampler=dict(type='ResumableSampler'),
            dataset=dict(type='UnpairedDataset', night=images('night', *augment), day=images('day', *augment))),
        val_dataloader=evaluation, test_dataloader=evaluation,
        val_evaluator=[dict(type='PSNR')], test_evaluator=[dict(type='PSNR')],
        default_hooks=dict(
            runtime_info=dict(type='LeanRuntimeInfoHook'), check=dict(type='TranslatorCheckHook'),
            finite=dict(type='FiniteLossHook'), logger=dict(type='LoggerHook', interval=5, log_metric_by_epoch=False),
            checkpoint=dict(type='ResumableCheckpointHook', by_epoch=False, interval=max_iters)),
        custom_hooks=[dict(type='GeneratorEMAHook', momentum=0.2)],
        log_processor=dict(by_epoch=False, window_size=10), log_level='WARNING',
        env_cfg=dict(mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0), dist_cfg=dict(backend='gloo')),
        visualizer=dict(type='TranslationVisualizer', vis_backends=[dict(type='LocalVisBackend')]))
    config = Config(config)
    config.merge_from_dict(copy.deepcopy(overrides))  # which takes _delete_ out of what it is given
    return config
