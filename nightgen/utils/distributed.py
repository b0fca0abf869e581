"""Starting the processes' group: mmengine's launchers, on machines without a GPU as well."""

import datetime
import os
import subprocess

import torch
import torch.distributed as torch_dist
from mmengine.config import Config

from .cli import UsageError

LAUNCHERS = ('none', 'pytorch', 'slurm', 'mpi')


def start_distributed(cfg: Config, launcher: str) -> None:
    """Make the process group that ``launcher`` asks for; afterwards the Runner finds it and makes none.

    mmengine's own start calls ``torch.cuda.set_device`` whatever the backend. Here processes without a GPU form a gloo
    group; with GPUs each takes its own and ``env_cfg.dist_cfg`` decides the rest.

    Args:
        cfg: The run's config; ``cfg.launcher`` and, without a GPU, ``cfg.env_cfg.dist_cfg.backend`` are set.
        launcher: ``none``, ``pytorch`` (torchrun), ``slurm`` or ``mpi``.

    Raises:
        UsageError: If the launcher's environment variables are missing, or there are more processes than GPUs.
    """
    cfg.launcher = launcher
    if launcher == 'none' or torch_dist.is_initialized():
        return
    _set_environment(launcher)
    dist_cfg = dict(cfg.get('env_cfg', {}).get('dist_cfg', {}))
    if not torch.cuda.is_available():
        dist_cfg['backend'] = 'gloo'
        cfg.merge_from_dict({'env_cfg.dist_cfg.backend': 'gloo'})
    else:
        local_rank, count = int(os.environ['LOCAL_RANK']), torch.cuda.device_count()
        if local_rank >= count:
            raise UsageError(f'process {local_rank} of this machine finds only {count} GPU(s): start at most {count} '
                             "processes here, or set CUDA_VISIBLE_DEVICES='' to run on the CPU")
        torch.cuda.set_device(local_rank)
    timeout = dist_cfg.pop('timeout', None)
    if timeout is not None:
        dist_cfg['timeout'] = datetime.timedelta(seconds=timeout)
    torch_dist.init_process_group(backend=dist_cfg.pop('backend', 'nccl'), **dist_cfg)


def stop_distributed() -> None:
    """End the process group, if there is one."""
    if torch_dist.is_initialized():
        torch_dist.destroy_process_group()


def _set_environment(launcher: str) -> None:
    """Translate a launcher's environment variables into torch's."""
    names = {
        'pytorch': {},
        'slurm': dict(RANK='SLURM_PROCID', WORLD_SIZE='SLURM_NTASKS', LOCAL_RANK='SLURM_LOCALID'),
        'mpi': dict(RANK='OMPI_COMM_WORLD_RANK', WORLD_SIZE='OMPI_COMM_WORLD_SIZE',
                    LOCAL_RANK='OMPI_COMM_WORLD_LOCAL_RANK'),
    }[launcher]
    for ours, theirs in names.items():
        if theirs in os.environ:
            os.environ[ours] = os.environ[theirs]
    if launcher == 'slurm' and 'MASTER_ADDR' not in os.environ and 'SLURM_NODELIST' in os.environ:
        hosts = subprocess.run(['scontrol', 'show', 'hostname', os.environ['SLURM_NODELIST']], capture_output=True,
                               text=True, check=True)
        os.environ['MASTER_ADDR'] = hosts.stdout.split()[0]
    if launcher != 'pytorch':
        os.environ.setdefault('MASTER_ADDR', '127.0.0.1')
        os.environ.setdefault('MASTER_PORT', '29500')
    missing = [name for name in ('RANK', 'WORLD_SIZE', 'LOCAL_RANK', 'MASTER_ADDR', 'MASTER_PORT')
               if name not in os.environ]
    if missing:
        how = dict(pytorch='torchrun --nproc_per_node=N (tools/dist_train.sh does it)', slurm='srun', mpi='mpirun')
        raise UsageError(f'--launcher {launcher}: {", ".join(missing)} not set; start the processes with '
                         f'{how[launcher]}')
