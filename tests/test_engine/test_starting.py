"""The start of a run: what cannot start is refused in a line that names its part; later errors stay as they are."""

from pathlib import Path

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.registry import HOOKS

from nightgen.engine.hooks.finite_loss_hook import NotFiniteError
from nightgen.engine.starting import train
from nightgen.testing import small_run, write_domains
from nightgen.utils.errors import UsageError


@HOOKS.register_module(force=True)
class Fails(Hook):
    """Fails in one iteration."""

    def __init__(self, iteration: int, own: bool = False):
        self.iteration, self.own = iteration, own

    def before_train_iter(self, runner, **kwargs) -> None:
        if runner.iter == self.iteration:
            raise NotFiniteError('a loss') if self.own else RuntimeError('shapes do not match\nand more')


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The message with which a changed small run is refused."""
    monkeypatch.setattr('mmengine.runner.runner.collect_env', dict)

    def run(**changes: object) -> str:
        with pytest.raises(UsageError) as caught:
            train(small_run(write_domains(tmp_path / 'data', 2), tmp_path / 'run', max_iters=2, **changes))
        return str(caught.value)
    return run


def test_an_error_from_inside_torch_names_the_part_that_was_built(refused):
    message = refused(**{'model.discriminator.base': -4})
    assert message.startswith('model.discriminator (MultiScalePatchDiscriminator) cannot start with base=-4, num_')
    assert 'negative' in message and 'NIGHTGEN_TRACEBACK=1' in message and '\n' not in message


def test_nightgens_own_words_stay(refused):
    message = refused(**{'train_dataloader.dataset.night.data_prefix.img': 'dusk'})
    assert 'dusk does not exist' in message and 'cannot start' not in message


def test_the_first_iteration_counts_as_start_and_the_second_does_not(refused, tmp_path: Path):
    message = refused(custom_hooks=[dict(type='Fails', iteration=0)])
    assert message.startswith('custom_hooks[0] (Fails) cannot start with iteration=0: RuntimeError: shapes do not')
    for at, own, kind in ((1, False, RuntimeError), (0, True, NotFiniteError)):
        cfg = small_run(tmp_path / 'data', tmp_path / f'run{own}', max_iters=2,
                        custom_hooks=[dict(type='Fails', iteration=at, own=own)])
        with pytest.raises(kind) as caught:
            train(cfg)
        assert not isinstance(caught.value, UsageError)


def test_a_run_that_starts_is_given_back(tmp_path: Path):
    runner = train(small_run(write_domains(tmp_path / 'data', 2), tmp_path / 'run', max_iters=1))
    assert runner.iter == 1 and all(torch.isfinite(value).all() for value in runner.model.state_dict().values())


def test_pictures_smaller_than_the_crop(refused):
    message = refused(**{'train_dataloader.dataset.day.pipeline': [
        dict(type='LoadImage'), dict(type='RandomCropImages', crop_size=64), dict(type='PackTranslationInputs')]})
    assert "2 of 2 images of 'day' are smaller than the crop 64x64" in message
