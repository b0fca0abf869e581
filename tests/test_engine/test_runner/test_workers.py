"""The number of data workers and their persistence change no weight, over epochs and a resume."""

import pytest
import torch

WORKERS = {'none': (0, False), 'one': (1, False), 'two': (2, False), 'one persistent': (1, True),
           'two persistent': (2, True)}


def settings(workers: str, **more) -> dict:
    """Three epochs of four iterations (and one sample more), with a pool and a noisy loss that draw random numbers."""
    number, persistent = WORKERS[workers]
    return {'workers': number, 'train_dataloader.persistent_workers': persistent,
            'train_cfg': dict(_delete_=True, type='ResumableEpochLoop', max_epochs=3, val_interval=2),
            'default_hooks.checkpoint.interval': 2, **more}


def weights(runner) -> list[torch.Tensor]:
    return [p.detach().clone() for p in runner.model.parameters()]


def equal(a: list[torch.Tensor], b: list[torch.Tensor]) -> bool:
    return all(x.equal(y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize('workers', [name for name in WORKERS if name != 'none'])
def test_workers_do_not_change_the_result(train, tmp_path, workers):
    expected = train('none', **settings('none'))
    assert expected.epoch == 3 and expected.iter > 9
    noise = torch.rand(3)
    found = train(workers.replace(' ', '_'), **settings(workers))
    assert equal(weights(expected), weights(found))
    assert torch.rand(3).equal(noise), 'a start of workers drew from the random numbers of training'
    for stop in (4, 6):  # inside an epoch and, of five iterations, inside the second
        resumed = train(f'from_{stop}', **settings(
            workers, resume=True, load_from=str(tmp_path / f'none/iter_{stop}.pth')))
        assert equal(weights(expected), weights(resumed))
