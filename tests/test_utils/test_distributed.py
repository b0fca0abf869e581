"""Starting a process group as a launcher asks for it."""

import os

import pytest
import torch.distributed as torch_dist
from mmengine.config import Config

from nightgen.utils import distributed
from nightgen.utils.cli import UsageError
from nightgen.utils.distributed import start_distributed, stop_distributed

VARIABLES = ('RANK', 'LOCAL_RANK', 'WORLD_SIZE', 'MASTER_ADDR', 'MASTER_PORT')


@pytest.fixture(autouse=True)
def group(monkeypatch: pytest.MonkeyPatch):
    """No GPU, no group before and after, and the environment as it was."""
    for name in [name for name in os.environ if name.startswith(('SLURM_', 'OMPI_'))]:
        monkeypatch.delenv(name)
    for name in VARIABLES:
        monkeypatch.setenv(name, 'set, so that it is put back')
        monkeypatch.delenv(name)
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    yield
    stop_distributed()


def free_port() -> str:
    import socket
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return str(probe.getsockname()[1])


def config() -> Config:
    return Config(dict(env_cfg=dict(dist_cfg=dict(backend='nccl', timeout=20))))


def test_no_launcher_no_group():
    cfg = config()
    start_distributed(cfg, 'none')
    assert not torch_dist.is_initialized() and cfg.launcher == 'none'
    stop_distributed()


@pytest.mark.parametrize('launcher,names', [
    ('pytorch', dict(rank='RANK', size='WORLD_SIZE', local='LOCAL_RANK')),
    ('slurm', dict(rank='SLURM_PROCID', size='SLURM_NTASKS', local='SLURM_LOCALID')),
    ('mpi', dict(rank='OMPI_COMM_WORLD_RANK', size='OMPI_COMM_WORLD_SIZE', local='OMPI_COMM_WORLD_LOCAL_RANK'))])
def test_gloo_where_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch, launcher: str, names: dict):
    for name, value in ((names['rank'], '0'), (names['size'], '1'), (names['local'], '0')):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv('MASTER_ADDR', '127.0.0.1')
    monkeypatch.setenv('MASTER_PORT', free_port())
    cfg = config()
    start_distributed(cfg, launcher)
    assert torch_dist.get_backend() == 'gloo' and torch_dist.get_world_size() == 1
    assert cfg.env_cfg.dist_cfg.backend == 'gloo' and cfg.launcher == launcher
    start_distributed(cfg, launcher)  # a second call finds the group


def test_what_a_launcher_did_not_set_is_named(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UsageError, match='RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT not set.*torchrun'):
        start_distributed(config(), 'pytorch')
    with pytest.raises(UsageError, match='--launcher slurm: RANK, WORLD_SIZE, LOCAL_RANK not set.*srun'):
        start_distributed(config(), 'slurm')


def test_more_processes_than_gpus(monkeypatch: pytest.MonkeyPatch):
    for name, value in zip(VARIABLES, ('3', '3', '4', '127.0.0.1', '1'), strict=True):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(distributed.torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(distributed.torch.cuda, 'device_count', lambda: 2)
    with pytest.raises(UsageError, match='process 3 of this machine finds only 2 GPU'):
        start_distributed(config(), 'pytorch')
