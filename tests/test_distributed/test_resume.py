"""Resuming with two processes, and with another number than before."""

from pathlib import Path

import pytest
import torch
from mmengine.dist import get_rank
from mmengine.runner import Runner

from nightgen.checkpoint import load_checkpoint
from nightgen.engine.hooks import ResumeError
from nightgen.testing import run_processes, small_run, write_domains


def two_processes(folder: str, accumulate: int) -> dict:
    """Four iterations; then the last two again, from the checkpoint after three; what this rank has at both ends."""
    ends = {}
    for name in ('whole', 'resumed'):
        settings = {} if name == 'whole' else dict(resume=True, load_from=f'{folder}/whole/iter_3.pth')
        cfg = small_run(f'{folder}/data', f'{folder}/{name}', max_iters=5, accumulate=accumulate, launcher='pytorch',
                        **{'default_hooks.checkpoint.interval': 3, **settings})
        runner = Runner.from_cfg(cfg)
        runner.train()
        model, pixel_loss = runner.model.module, runner.message_hub.get_scalar('train/loss_pixel')
        ends[name] = dict(weights=dict(model.state_dict()), pool=list(model.losses[1].pool.images),
                          noise=torch.rand(3), scalars=pixel_loss.data[0].tolist())
    assert runner.world_size == 2
    return dict(rank=get_rank(), **ends)


@pytest.fixture(scope='module')
def ends(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict]]:
    """Where two processes trained inside accumulation windows, and what each had at the end."""
    folder = tmp_path_factory.mktemp('two')
    write_domains(folder / 'data')
    return folder, run_processes(two_processes, 2, str(folder), 2)


def equal(a: dict | list, b: dict | list) -> bool:
    pairs = zip(a.values(), b.values(), strict=True) if isinstance(a, dict) else zip(a, b, strict=True)
    return all(torch.equal(x, y) for x, y in pairs)


def test_two_processes_resume_bit_for_bit(ends):
    _, ranks = ends
    for rank in ranks:
        assert equal(rank['whole']['weights'], rank['resumed']['weights'])
        assert equal(rank['whole']['pool'], rank['resumed']['pool'])
        assert torch.equal(rank['whole']['noise'], rank['resumed']['noise'])
        assert rank['whole']['scalars'][-1] == rank['resumed']['scalars'][-1]
    first, second = (rank['whole'] for rank in ranks)
    assert equal(first['weights'], second['weights'])
    assert not equal(first['pool'], second['pool']) and not torch.equal(first['noise'], second['noise'])


def test_the_file_holds_both_processes(ends):
    folder, _ = ends
    checkpoint = load_checkpoint(folder / 'whole/iter_3.pth')
    assert set(checkpoint['run_state']) == {0, 1}
    assert checkpoint['meta']['nightgen']['world_size'] == 2 and checkpoint['meta']['nightgen']['draws'] == 12
    gradients = [checkpoint['run_state'][rank]['optim_wrapper']['gradients']['generator'][0] for rank in (0, 1)]
    assert not torch.equal(*gradients)  # pending, and each process has its own
    assert not any(key.startswith('module.') for key in checkpoint['state_dict'])


def resume_alone(folder: Path, work_dir: Path, **settings) -> Runner:
    cfg = small_run(folder / 'data', work_dir, max_iters=7, accumulate=2, resume=True,
                    **{'load_from': str(folder / 'whole/iter_3.pth'), **settings})
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def test_an_open_window_does_not_go_to_another_number_of_processes(ends, tmp_path: Path):
    folder, _ = ends
    with pytest.raises(ResumeError, match='saved by 2 process.*inside an accumulation window, and this run has 1'):
        resume_alone(folder, tmp_path / 'one')
    runner = resume_alone(folder, tmp_path / 'two', **{'default_hooks.checkpoint.drop_pending_gradients': True})
    assert runner.iter == 7
    assert 'gradients of the open accumulation window' in next((tmp_path / 'two').glob('*/*.log')).read_text()


def test_what_is_not_carried_over_is_listed(ends, tmp_path: Path):
    folder, _ = ends
    checkpoint = load_checkpoint(folder / 'whole/iter_3.pth')
    for state in checkpoint['run_state'].values():
        gradients = state['optim_wrapper']['gradients']
        state['optim_wrapper']['gradients'] = {name: [None] * len(owned) for name, owned in gradients.items()}
    torch.save(checkpoint, tmp_path / 'closed.pth')
    runner = resume_alone(folder, tmp_path / 'run', load_from=str(tmp_path / 'closed.pth'))
    log = next((tmp_path / 'run').glob('*/*.log')).read_text()
    assert 'saved by 2 process(es), this run has 1' in log
    assert 'states of the random generators of 2 process(es)' in log and "'losses.1.pool'" in log
    assert 'accumulation window' not in log
    assert runner.train_loop.draws_at(7) == 12 + 4 * 2  # the data go on where two processes had stopped
