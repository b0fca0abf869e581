"""Config checks: names, types, arguments and values that nothing can use, and that shipped configs pass."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
from mmengine.config import Config
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook

from nightgen.registry import HOOKS, METRICS
from nightgen.testing import small_run
from nightgen.utils.config_check import check_config, check_names, fits
from nightgen.utils.errors import UsageError


def shipped(configs_dir: Path) -> list[Path]:
    return [path for path in sorted(configs_dir.glob('*/*.py')) if path.parent.name not in ('_base_', 'experts')]


def test_no_shipped_config_is_refused_nor_what_dump_makes_of_it(configs_dir: Path, tmp_path: Path):
    assert len(shipped(configs_dir)) > 40
    for path in shipped(configs_dir):
        cfg = Config.fromfile(path)
        check_names(cfg)
        check_config(cfg)
    cfg.dump(tmp_path / 'flat.py')
    check_names(Config.fromfile(tmp_path / 'flat.py'))


@pytest.mark.parametrize('change,message', [
    ({'model.generator.bas': 4}, r"^model.generator \(N2DLPNet\) takes no 'bas' \(did you mean base\?\)"),
    ({'model.generator.base': 'four'}, r"^model.generator.base: N2DLPNet takes int, got 'four'"),
    ({'model.generator.type': 'N2DLPNett'}, r"model.generator: no part of type 'N2DLPNett' .*did you mean N2DLPNet"),
    ({'model.generator': dict(tpye='N2DLPNet', _delete_=True)}, r'model.generator needs type=.*did you mean tpye'),
    ({'model.losses': [dict(type='PixelLoss', reads=dict(pred=3))]}, r'model.losses\[0\].reads is dict\(argument='),
    ({'default_hooks.checkpoint.max_keep_ckpt': 3}, 'takes no .max_keep_ckpt. .did you mean max_keep_ckpts'),
    ({'default_hooks': dict(loger=dict(type='LoggerHook'), _delete_=True)},
     r"default_hooks takes no 'loger'"),
    ({'custom_hooks': [dict(momentum=1)]}, r'custom_hooks\[0\] needs type='),
    ({'param_scheduler.gama': 1}, 'param_scheduler .ExponentialLR. takes no .gama. .did you mean gamma'),
    ({'optim_wrapper.generator.optimizer.beta': 1}, 'optim_wrapper.generator.optimizer .Adam. takes no .beta.'),
    ({'optim_wrapper.generator.optimizer.type': 'Adan'}, 'no part of type .Adan.*did you mean Adam'),
    ({'train_dataloader.batchsize': 2}, 'train_dataloader takes no .batchsize. .did you mean batch_size'),
    ({'train_dataloader.batch_size': 0}, 'train_dataloader.batch_size must be a whole number of at least 1, got 0'),
    ({'train_dataloader.persistent_workers': True}, 'persistent_workers=True needs num_workers of 1 or more'),
    ({'train_dataloader.sampler.sed': 2}, 'train_dataloader.sampler .ResumableSampler. takes no .sed. .*seed'),
    ({'train_dataloader.dataset.night.data_rot': 'x'}, 'dataset.night .ImageFolderDataset. takes no .data_rot.'),
    ({'train_dataloader.dataset.pairng': 'x'}, 'train_dataloader.dataset .UnpairedDataset. takes no .pairng.'),
    ({'train_cfg.max_itres': 2}, 'train_cfg .ResumableTrainLoop. takes no .max_itres. .did you mean max_iters'),
    ({'train_cfg.val_interval': -1}, 'train_cfg.val_interval must be a whole number of at least 1, got -1'),
    ({'randomness.sed': 3}, 'randomness takes no .sed. .did you mean seed'),
    ({'log_processor.windowsize': 3}, 'log_processor .LogProcessor. takes no .windowsize.'),
    ({'log_processor.by_epoch': 'no'}, "log_processor.by_epoch: LogProcessor takes bool, got 'no'"),
    ({'val_evaluator': [dict(type='PSRN')]}, r'val_evaluator\[0\]: no part of type .PSRN. .*did you mean PSNR'),
])
def test_what_nothing_can_use_is_named(tmp_path: Path, change: dict, message: str):
    check_config(small_run(tmp_path, tmp_path))
    with pytest.raises(UsageError, match=message):
        check_config(small_run(tmp_path, tmp_path, **change))


def test_other_packages_parts_and_what_experts_take_are_left_alone(tmp_path: Path):
    expert = dict(type='mmseg.Anything', odd=1, config=dict(model=dict(type='EncoderDecoder')))
    check_config(small_run(tmp_path, tmp_path, custom_hooks=[expert]))


BASE = 'width = 8\noffered = 1\nmodel = dict(type="N2DLPNet", base=width)\ntrain_cfg = dict(max_iters=4)\n'


@pytest.mark.parametrize('text,options,message', [
    ('width = 4', {}, None),  # a base defines and reads it
    ('own = 3\nmodel = dict(base=own)', {}, None),
    ('offered = 2', {}, "nothing reads 'offered'"),
    ('own = 3', {}, "nothing reads 'own'"),
    ('own = 3  # own', {}, "nothing reads 'own'"),
    ('max_iters = 3', {}, r"nothing reads 'max_iters' \(did you mean train_cfg.max_iters\?\)"),
    ('randomnes = dict(seed=3)', {}, r"nothing reads 'randomnes' \(did you mean randomness\?\)"),
    ('', {'max_iters': 4}, r"--cfg-options max_iters: .*did you mean train_cfg.max_iters"),
    ('', {'randomnes.seed': 4}, r"--cfg-options randomnes.seed: .*did you mean randomness"),
    ('', {'randomness.seed': 4, 'model.base': 3, 'width': 3}, None),
])
def test_top_level_names(tmp_path: Path, text: str, options: dict, message: str | None):
    (tmp_path / 'base.py').write_text(BASE)
    (tmp_path / 'own.py').write_text(f"_base_ = ['base.py']\n{text}\n")
    cfg = Config.fromfile(tmp_path / 'own.py')
    if message is None:
        check_names(cfg, options)
        return
    with pytest.raises(UsageError, match=message):
        check_names(cfg, options)


@pytest.mark.parametrize('hint,good,bad', [
    (int, [3, 3.0], [3.5, True, '3', None]), (float, [3, 0.5], ['3', True, None]), (bool, [True], [1, 'yes', None]),
    (str, ['x'], [3, None, ['x']]), (int | None, [None, 3], ['x']), (Literal['a', 'b'], ['a'], ['c']),
    (Sequence[str], [['a'], ('a', 'b')], ['a', [3], 3]), (tuple[int, int], [[1, 2]], [3, 'x']),
    (dict[str, str], [dict(a='b')], [dict(a=3), 3]), (Path, ['x'], [3]), (object, [3], [])])
def test_what_fits_an_annotation(hint: object, good: list, bad: list):
    assert all(fits(value, hint) for value in good) and not any(fits(value, hint) for value in bad)


@HOOKS.register_module(force=True)
class Sloppy(Hook):
    """As other packages annotate: a number whose default is None."""

    def __init__(self, size: int = None, name: str = 'x'):
        super().__init__()


def test_none_is_taken_where_it_is_the_default(tmp_path: Path):
    check_config(small_run(tmp_path, tmp_path, custom_hooks=[dict(type='Sloppy', size=None)]))
    with pytest.raises(UsageError, match='Sloppy takes .*int'):
        check_config(small_run(tmp_path, tmp_path, custom_hooks=[dict(type='Sloppy', size='3')]))
    with pytest.raises(UsageError, match='Sloppy takes str, got None'):
        check_config(small_run(tmp_path, tmp_path, custom_hooks=[dict(type='Sloppy', name=None)]))


@METRICS.register_module(force=True)
class OpenMetric(BaseMetric):
    """Another package's: keywords of its own, a flag that is also a path, a window of two sides."""

    def __init__(self, window_size=7, pretrained=False, **net):
        super().__init__()

    def process(self, data_batch, data_samples):
        raise AssertionError('not called')

    def compute_metrics(self, results):
        raise AssertionError('not called')


@HOOKS.register_module(force=True)
class OpenHook(Hook):
    """Another package's: arguments that are called as parts of nightgen are, and hold something else."""

    def __init__(self, generator, losses, sampler):
        super().__init__()


@pytest.mark.parametrize('change', [
    {'model.players': dict(discriminator=dict(begin=2, by_epoch=False), generator=dict(end=9, by_epoch=False))},
    {'val_evaluator': [dict(type='OpenMetric', depth=3, window_size=(8, 8), pretrained='a.pth')]},
    {'custom_hooks': [dict(type='EarlyStoppingHook', monitor='PSNR', priority='LOW')]},
    {'default_hooks.logger.priority': 'LOW'},
    {'custom_hooks': [dict(type='OpenHook', generator=dict(day=dict(a=1)), losses=dict(gan=1.0), sampler=dict(num=3))]},
])
def test_what_is_documented_or_another_packages_is_let_through(tmp_path: Path, change: dict):
    check_config(small_run(tmp_path, tmp_path, **change))


def test_configs_of_other_scopes_are_theirs(configs_dir: Path):
    """The experts' own trainings are mmseg's and mmdet's."""
    found = sorted(configs_dir.glob('experts/*.py'))
    assert len(found) >= 2
    for path in found:
        cfg = Config.fromfile(path)
        assert cfg.default_scope != 'nightgen'
        check_names(cfg)
        check_config(cfg)
