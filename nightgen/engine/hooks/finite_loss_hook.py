"""A loss that is not finite stops the run, by name."""

import math

from mmengine.hooks import Hook
from mmengine.runner import Runner

from nightgen.registry import HOOKS

from .host_values import to_host


class NotFiniteError(FloatingPointError):
    """A loss became NaN or infinite."""


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Stop when a log value of an iteration is NaN or infinite, and say which one, where, and on which images.

    It runs before the checkpoint hook, so that the last checkpoint is from before. With ``LeanRuntimeInfoHook``, which
    has brought the values to the host, it costs nothing on the GPU; without, one stacked transfer an iteration.

    Args:
        interval (int): Iterations between checks.

    Raises:
        NotFiniteError: In the iteration that it happens in.
    """

    priority = 'ABOVE_NORMAL'

    def __init__(self, interval: int = 1):
        if interval < 1:
            raise ValueError(f'FiniteLossHook: interval must be 1 or more, got {interval}')
        self.interval = interval

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        if not outputs or not self.every_n_train_iters(runner, self.interval):
            return
        values = to_host(outputs)
        culprits = [f'{name} = {value}' for name, value in values.items() if not math.isfinite(value)]
        if culprits:
            others = ', '.join(f'{name} = {value:.4g}' for name, value in values.items() if math.isfinite(value))
            raise NotFiniteError(
                f'iteration {runner.iter + 1}: {", ".join(culprits)} on rank {runner.rank}. The others were: '
                f'{others or "none"}. Learning rates: {_rates(runner)}. Images: {_images(data_batch)}. The last '
                'checkpoint is from before; usual remedies are a lower learning rate, clip_grad, and bf16 for fp16')


def _rates(runner: Runner) -> str:
    rates = runner.optim_wrapper.get_lr()
    return ', '.join(f'{name} {values[0]:.3g}' for name, values in rates.items())


def _images(data_batch: dict | None) -> str:
    samples = data_batch.get('data_samples', ()) if isinstance(data_batch, dict) else ()
    paths = [str(sample.metainfo['img_path']) for sample in samples if 'img_path' in getattr(sample, 'metainfo', {})]
    return ', '.join(paths[:4]) + (f' and {len(paths) - 4} more' if len(paths) > 4 else '') or 'unknown'
