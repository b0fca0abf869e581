"""A third party's pairing rule replays crops from a memory, whatever the number of workers and processes."""

import sys
from pathlib import Path

import pytest
from mmengine.runner import Runner

from nightgen.testing import run_processes, small_run, write_domains

PLUGIN = Path(__file__).parent / 'plugins' / 'nightgen_example'
DELAY = 12  # of two workers, each two batches of two ahead: (2 * 2 + 1) * 2, and with two processes of one the same


def run(folder: str, name: str, workers: int, batch_size: int = 2, **settings) -> dict:
    """Train with the plug-in; the memory, and the weights of the generator."""
    sys.path.insert(0, str(PLUGIN))
    cfg = small_run(f'{folder}/data', f'{folder}/{name}', workers=workers, **{
        'max_iters': 12, 'custom_imports': dict(imports=['nightgen_example']), 'model.keep': ('fake_*',),
        'train_dataloader.dataset.pairing': dict(type='ReplayPairing', delay=DELAY),
        'train_dataloader.batch_size': batch_size, 'custom_hooks': [dict(type='RememberHook')], **settings})
    from mmengine.utils import import_modules_from_strings
    import_modules_from_strings(**cfg.custom_imports)
    runner = Runner.from_cfg(cfg)
    runner.train()
    model = getattr(runner.model, 'module', runner.model)
    rows = runner.train_dataloader.dataset.pairing.rows
    return dict(rows=rows, weights=[p.detach().clone() for p in model.generators.parameters()])


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('memory')
    write_domains(folder / 'data', count=5)
    return folder


@pytest.fixture(scope='module')
def alone(folder: Path) -> dict:
    """What one process without workers ends with."""
    return run(str(folder), 'alone', 0)


def same(a: dict, b: dict) -> bool:
    return a['rows'] == b['rows'] and all(x.equal(y) for x, y in zip(a['weights'], b['weights'], strict=True))


def test_crops_come_back_as_they_were(alone):
    rows = {draw: row for draw, *row in alone['rows']}
    assert sorted(rows) == list(range(24))
    for draw in range(DELAY + 1, 24):
        older = [rows[other][:3] for other in range(draw - DELAY)]
        assert rows[draw][:3] in older, f'draw {draw} shows what no row before {draw - DELAY} holds'
    assert len({tuple(map(str, row[:3])) for row in rows.values()}) > 5


def test_two_workers_make_the_same_run(folder, alone):
    assert same(run(str(folder), 'workers', 2), alone)


@pytest.mark.parametrize('workers', [0, 2])
def test_a_resume_carries_the_memory(folder, alone, workers):
    run(str(folder), f'first_{workers}', 0, **{'max_iters': 9})
    resumed = run(str(folder), f'resumed_{workers}', workers, resume=True,
                  load_from=str(folder / f'first_{workers}/iter_9.pth'))
    assert same(resumed, alone)


def in_a_process(folder: str, workers: int) -> dict:
    return run(folder, f'two_{workers}', workers, batch_size=1, launcher='pytorch')


@pytest.mark.parametrize('workers', [0, 2])
def test_two_processes_share_the_memory(folder, alone, workers):
    ranks = run_processes(in_a_process, 2, str(folder), workers)
    shown = [[row[:4] for row in ends['rows']] for ends in (alone, *ranks)]
    assert shown[0] == shown[1] == shown[2]
    assert same(*ranks)


def test_the_memory_goes_from_two_processes_to_one(folder, alone):
    run_processes(in_a_process, 2, str(folder), 0)
    rest = run(str(folder), 'rest', 2, resume=True, load_from=str(folder / 'two_0/iter_12.pth'), **{'max_iters': 14})
    assert [row[:4] for row in rest['rows'][:24]] == [row[:4] for row in alone['rows']] and len(rest['rows']) == 28


def test_a_delay_that_workers_outrun_is_refused(folder):
    with pytest.raises(ValueError, match='ReplayPairing has delay=12 draws, and 3 workers.* need at least 14'):
        run(str(folder), 'early', 3)
