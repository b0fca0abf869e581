"""mmengine's Runner with a short beginning of its log."""

from __future__ import annotations

import os
import platform

import torch
from mmengine.runner import Runner
from mmengine.runner.priority import get_priority

from nightgen import __version__
from nightgen.compat import versions


class ShortLogRunner(Runner):
    """A Runner whose log reaches the first iteration after a few lines.

    mmengine writes several hundred: what torch was compiled with, the whole config, and every hook once for each stage.
    Here a line names the versions and the processor, another the file that holds the config, a third the hooks.
    """

    def _log_env(self, env_cfg: dict) -> None:
        packages = ', '.join(f'{found.distribution} {found.version}' for found in versions() if found.version)
        gpus = ', '.join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
        self.logger.info(f'nightgen {__version__}, Python {platform.python_version()}, {packages}')
        self.logger.info(f'{gpus or "no GPU"}; {torch.get_num_threads()} CPU threads; {self._world_size} processes; '
                         f'seed {self._seed}')
        name = os.path.basename(self.cfg.filename) if self.cfg.filename else f'{self.timestamp}.py'
        self.logger.info(f'The config with all its bases: {os.path.join(self.work_dir, name)}')

    def get_hooks_info(self) -> str:
        """The hooks in their order; those of one priority run in the order of their registration."""
        return ', '.join(f'{type(hook).__name__} ({get_priority(hook.priority)})' for hook in self.hooks)
