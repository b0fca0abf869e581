"""Colorizers resume exactly: running statistics, vectors of spectral norm, dropout's draws, averaged weights."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from nightgen.checkpoint import load_checkpoint
from tests.test_engine.test_hooks.test_resume import differences, scramble


def images(data_root: Path, *transforms: dict) -> dict:
    pipeline = [dict(type='LoadImage'), *transforms, dict(type='PackTranslationInputs')]
    return dict(type='ColorizationDataset', truth=not transforms, dataset=dict(
        type='ImageFolderDataset', data_root=str(data_root), data_prefix=dict(img='day'), pipeline=pipeline))


@pytest.mark.parametrize('method', ['cgan_colorization', 'pix2pix'])
def test_six_iterations_equal_three_and_three(train, data_root: Path, configs_dir: Path, tmp_path: Path, method: str):
    config = Config.fromfile(configs_dir / method / 'nightscape_small.py')
    config.merge_from_dict({'model.generator.base': 2, 'model.discriminator.base': 2})
    evaluation = dict(batch_size=1, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
                      dataset=images(data_root), _delete_=True)
    augment = [dict(type='ResizeImages', size=128), dict(type='RandomFlipTranspose', horizontal=0.5, vertical=0.5)]
    settings = {
        'max_iters': 6, 'accumulate': 2, 'default_hooks.checkpoint.interval': 3,
        'model': dict(config.model.to_dict(), _delete_=True), 'val_dataloader': evaluation,
        'test_dataloader': evaluation,
        'train_dataloader': dict(
            _delete_=True, batch_size=2, num_workers=0, sampler=dict(type='ResumableSampler'),
            dataset=images(data_root, *augment))}
    train('whole', **settings)
    scramble()
    train('resumed', **settings, resume=True, load_from=str(tmp_path / 'whole/iter_3.pth'))
    half, whole, resumed = (load_checkpoint(tmp_path / path) for path in (
        'whole/iter_3.pth', 'whole/iter_6.pth', 'resumed/iter_6.pth'))
    assert differences(whole, resumed) == []
    assert {key.split('.')[0] for key in whole['state_dict']} == {'generators', 'discriminators'}
    moved = [key for key in whole['state_dict'] if not torch.equal(whole['state_dict'][key], half['state_dict'][key])]
    assert any(key.endswith('running_var') for key in moved)
    assert any(key.endswith('.u') for key in moved) == (method == 'cgan_colorization')
