"""Log values brought to the host in one transfer, and log histories of bounded length."""

from mmengine.hooks import RuntimeInfoHook
from mmengine.runner import Runner
from torch import Tensor

from nightgen.registry import HOOKS

from .host_values import to_host


@HOOKS.register_module()
class LeanRuntimeInfoHook(RuntimeInfoHook):
    """mmengine's ``RuntimeInfoHook`` without its cost per log key.

    The stock hook calls ``item()`` for every value, each a wait for the GPU, and keeps up to a million values of each
    key: 30 keys at 300,000 iterations make an iteration 5 ms slower and a checkpoint 144 MB larger. Here all values of
    an iteration come to the host in one stacked transfer; the hooks after this one find numbers in ``outputs``.

    Args:
        history (int): Values kept of each log key, at least the log processor's window. Statistics with
            ``window_size='global'`` cover no more than these.
    """

    def __init__(self, history: int = 1000):
        self.history = history

    def before_run(self, runner: Runner) -> None:
        super().before_run(runner)
        window = runner.log_processor.window_size
        if self.history < window:
            raise ValueError(f'LeanRuntimeInfoHook(history={self.history}) keeps fewer values than the log processor '
                             f'averages over (window_size={window})')

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                         outputs: dict[str, Tensor] | None = None) -> None:
        if outputs:
            outputs.update(to_host(outputs))
        super().after_train_iter(runner, batch_idx, data_batch, outputs)
        self._bound(runner)

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        super().after_val_epoch(runner, metrics)
        self._bound(runner)

    def _bound(self, runner: Runner) -> None:
        for buffer in runner.message_hub.log_scalars.values():
            if buffer.max_length > self.history:
                buffer.max_length = self.history  # the buffer cuts itself at its next update
