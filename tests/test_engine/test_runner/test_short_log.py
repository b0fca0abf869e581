"""The beginning of a run's log: versions, machine, where the config is, and the hooks in a line."""

from pathlib import Path

import torch

from nightgen.engine.starting import train
from nightgen.testing import small_run, write_domains


def test_a_log_reaches_its_first_iteration_soon(tmp_path: Path):
    cfg = small_run(write_domains(tmp_path / 'data', 4), str(tmp_path / 'work'), max_iters=1, log_level='INFO')
    cfg.default_hooks.logger = dict(type='LoggerHook', interval=1, log_metric_by_epoch=False)
    train(cfg)
    log, = (tmp_path / 'work').glob('*/*.log')
    lines = log.read_text().splitlines()
    first = next(index for index, line in enumerate(lines) if 'Iter(train)' in line)
    assert first < 25, lines[:first]
    text = '\n'.join(lines[:first])
    assert f'torch {torch.__version__}' in text and '1 processes; seed' in text
    named = text.split('The config with all its bases: ')[1].splitlines()[0]
    assert Path(named).is_file() and 'optim_wrapper' in Path(named).read_text()
    hooks, = (line for line in lines if 'RuntimeInfoHook (' in line)
    assert hooks.startswith('LeanRuntimeInfoHook (10), ') and hooks.endswith(', ResumableCheckpointHook (100)')
    assert 'LoggerHook (60), ParamSchedulerHook (70)' in hooks
    assert 'Size([' not in text  # no paragraph for every parameter
