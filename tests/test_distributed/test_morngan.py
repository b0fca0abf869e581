"""MornGAN in two processes: the pairs of one, equal parameters, exact resumes in every stage, and odd batches."""

import os
from pathlib import Path

import pytest
import torch
from mmengine.dist import all_gather_object, get_rank
from mmengine.hooks import Hook
from mmengine.logging import MessageHub
from mmengine.runner import Runner
from torch import Tensor, nn

from nightgen.checkpoint import load_checkpoint
from nightgen.engine.optimizers import BroadcastWrapper, PlayerOptimWrapperConstructor
from nightgen.registry import HOOKS, LOSSES, MODELS
from nightgen.testing import run_processes
from nightgen.utils.settings import settle
from tests.conftest import clear_global_state
from tests.test_engine.test_hooks.test_resume import differences
from tests.test_models.test_translators.test_morngan import STAGES, batch, make
from tests.test_morngan_run import config, write_world

CONFIGS = Path(__file__).parents[2] / 'configs'
STOPS = (2, 3, 4, 7, 11, 12)  # borders of tests/test_morngan_run.py, between them, and with a memory
END = 16  # the memory is full before


@HOOKS.register_module(force=True)
class PairsHook(Hook):
    """Keeps (draw, day, thermal image and window) of all processes."""

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        own = [(meta['draw'], int(meta['sample_idx']['day']), int(meta['sample_idx']['thermal']),
                *map(int, meta['crop_box']['thermal']))
               for meta in (sample.metainfo for sample in data_batch['data_samples'])]
        runner.pairs = [*getattr(runner, 'pairs', ()), *(row for part in all_gather_object(own) for row in part)]


def run(folder: str, name: str, batch_size: int, start: str | None = None, end: int = END, **settings) -> dict:
    """Train from the beginning or from a checkpoint; the pairs, the memory and the weights of this process."""
    clear_global_state()
    os.chdir(folder)
    resume = {} if start is None else dict(resume=True, load_from=f'{folder}/{start}.pth')
    made = config(CONFIGS, Path(folder), name, param_scheduler=None, **resume, **settings)
    made.train_dataloader.batch_size = batch_size
    made.train_dataloader.dataset.pairing.update(delay=2, guided_from=1.0)
    made.train_cfg.max_iters = end
    made.custom_hooks.append(dict(type='PairsHook'))
    made.log_level = 'WARNING'
    made.crop_size, made.model.segmentor_sides = 64, (32, 76)
    settle(made)
    runner = Runner.from_cfg(made)
    runner.train()
    model = getattr(runner.model, 'module', runner.model)
    return dict(pairs=sorted(runner.pairs), memory=runner.train_dataloader.dataset.pairing.shared_run_state(),
                weights={name: value.clone() for name, value in model.state_dict().items()})


def two(folder: str, *runs: dict) -> list[dict]:
    """Several runs, one after the other, with one image a process."""
    return [run(folder, batch_size=1, launcher='pytorch', **one) for one in runs]


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp('morngan'))


@pytest.fixture(scope='module')
def whole(folder: Path) -> list[dict]:
    """What two processes end with, and the checkpoint of every iteration; resumed at every stop for two more."""
    runs = [dict(name=f'from_{stop}', start=f'whole/iter_{stop}', end=stop + 2) for stop in STOPS]
    return [ranks[0] for ranks in run_processes(two, 2, str(folder), dict(name='whole'), *runs)]


def equal(a: dict, b: dict) -> bool:
    return all(torch.equal(value, b[name]) for name, value in a.items())


def test_processes_have_equal_weights_and_one_memory(whole):
    first, second = whole
    assert equal(first['weights'], second['weights'])
    assert first['memory'] == second['memory'] and len(first['memory']['rows']) == 4


def test_one_process_is_shown_the_same_pairs(whole, folder: Path):
    alone = run(str(folder), 'alone', 2)
    assert alone['pairs'] == whole[0]['pairs'] and len(alone['pairs']) == 2 * END
    assert [row[:3] for row in alone['memory']['rows']] == [row[:3] for row in whole[0]['memory']['rows']]


@pytest.mark.parametrize('stop', STOPS)
def test_resumes_are_exact(whole, folder: Path, stop: int):
    undisturbed, resumed = (load_checkpoint(folder / f'{name}/iter_{stop + 2}.pth') for name in (
        'whole', f'from_{stop}'))
    assert [path for path in differences(undisturbed, resumed) if 'max_iters' not in path] == []
    assert set(undisturbed['run_state']) == {0, 1}


def test_from_two_processes_to_one_and_back(whole, folder: Path):
    """The memory is half full when it goes to one process, and guides pairs when it has come back."""
    half = load_checkpoint(folder / 'whole/iter_12.pth')
    one = run(str(folder), 'one', 2, start='whole/iter_12', end=14)
    ranks = [ends[0] for ends in run_processes(two, 2, str(folder), dict(name='back', start='one/iter_14'))]
    rows = next(state for state in half['shared_run_state'].values() if 'rows' in state)['rows']
    assert 0 < len(rows) < 4
    shown = [*one['pairs'], *ranks[0]['pairs']]
    assert shown == [row for row in whole[0]['pairs'] if row[0] >= 24]
    assert ranks[0]['memory'] == ranks[1]['memory'] and equal(ranks[0]['weights'], ranks[1]['weights'])
    assert [row[:3] for row in ranks[0]['memory']['rows']] == [row[:3] for row in whole[0]['memory']['rows']]


# Odd batches

def step_of_every_stage() -> list[dict]:
    """A step of each stage; rank 0 has labels without persons, rank 1 none at all, and the networks know nothing."""
    found, rank = [], get_rank()
    for epoch in STAGES.values():
        model = make(only_new=False)
        with torch.no_grad():  # unsure, so that no label is ever distilled or completed
            for network in model.segmentors.values():
                network.head.classifier.weight.div_(400)
                network.head.classifier.bias.zero_()
        entries = batch()
        label = entries['label_day']
        label[label == 11] = 255
        if rank:
            label.fill_(255)
        entries['real_day'] = entries['real_day'] * (1 - 0.5 * rank)
        model._batch = lambda data: data
        model.progress = lambda epoch=epoch: (epoch, epoch)
        wrapped = BroadcastWrapper(model)
        players = {player: dict(optimizer=dict(type='SGD', lr=0.1)) for player in model.player_modules()}
        logs = wrapped.module.train_step(entries, PlayerOptimWrapperConstructor(players)(wrapped))
        found.append(dict(finite=all(value.isfinite() for value in logs.values()), keys=sorted(logs),
                          weights=dict(model.state_dict())))
    return found


def test_ranks_without_a_class_or_without_labels():
    first, second = run_processes(step_of_every_stage, 2)
    for a, b in zip(first, second, strict=True):
        assert a['finite'] and b['finite'] and a['keys'] == b['keys'] and equal(a['weights'], b['weights'])
        assert all(value.isfinite().all() for value in a['weights'].values())


@LOSSES.register_module(force=True)
class ConstantElsewhere(nn.Module):
    """The mean on the processes of ``ranks``, and a 0 without a graph on others."""

    def __init__(self, ranks: tuple[int, ...]):
        super().__init__()
        self.ranks = ranks

    def forward(self, image: Tensor) -> Tensor:
        return image.mean() if get_rank() in self.ranks else torch.zeros(())


def constant_term(ranks: tuple[int, ...]) -> dict:
    torch.manual_seed(0)
    model = MODELS.build(dict(
        type='OneSidedTranslator', domains=('night', 'day'), generator=dict(type='ResNetGenerator', base=2,
                                                                            num_blocks=1),
        losses=[dict(type='ConstantElsewhere', ranks=ranks, reads=dict(image='fake_day'))]))
    wrapped = BroadcastWrapper(model)
    players = dict(generator=dict(optimizer=dict(type='SGD', lr=0.1)))
    MessageHub.get_current_instance().update_info('iter', 0)
    images = list(torch.randint(0, 256, (2, 3, 16, 16), dtype=torch.uint8))
    try:
        wrapped.train_step(dict(inputs=dict(real_night=images, real_day=images)),
                           PlayerOptimWrapperConstructor(players)(wrapped))
    except RuntimeError as error:
        return dict(error=str(error), weights={})
    return dict(error='', weights=dict(model.state_dict()))


@pytest.mark.parametrize('ranks', [(0,), (1,), ()])
def test_a_constant_term_is_an_error_on_all_ranks_or_on_none(ranks):
    first, second = run_processes(constant_term, 2, ranks)
    assert first['error'] == second['error'] and ("player 'generator'" in first['error']) == (not ranks)
    assert first['weights'].keys() == second['weights'].keys() and equal(first['weights'], second['weights'])
    assert bool(first['weights']) == bool(ranks)
