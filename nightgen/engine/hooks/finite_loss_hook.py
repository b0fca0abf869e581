"""A loss that is not finite stops the run, by name."""

import math

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from nightgen.registry import HOOKS

from ..work_folder import go_on_from
from .host_values import to_host
from .run_state import bare_model


class NotFiniteError(FloatingPointError):
    """A loss, a gradient or a weight became NaN or infinite."""


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Stop when a log value or a gradient of an iteration is NaN or infinite; say which, where, and on which images.

    A finite loss can have a gradient that is not (a root or a division at 0): the step has then spoilt the player's
    weights, and the term that the gradient comes from is named (:class:`~nightgen.models.translators.gradient_watch.
    GradientWatch` notes it). The hook runs before the checkpoint hook, so that nothing spoilt is saved, and names the
    newest checkpoint whose weights are finite. It costs one stacked transfer of a few numbers an iteration.

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
        if not culprits:
            culprits = _gradients(runner, values)
        if culprits:
            others = ', '.join(f'{name} = {value:.4g}' for name, value in values.items() if math.isfinite(value))
            raise NotFiniteError(
                f'iteration {runner.iter + 1}: {", ".join(culprits)} on rank {runner.rank}. The finite losses were: '
                f'{others or "none"}. Learning rates: {_rates(runner)}. Images: {_images(data_batch)}. Nothing was '
                f'saved since; {go_on_from(runner.work_dir)}. Usual remedies are a lower learning rate, clip_grad, and '
                'bf16 for fp16')


def _gradients(runner: Runner, values: dict[str, float]) -> list[str]:
    """The players whose gradient is not finite in this step, and the term that it comes from."""
    sizes = {player: wrapper.gradient_norm for player, wrapper in getattr(runner.optim_wrapper, 'items', dict)()
             if getattr(wrapper, 'gradient_norm', None) is not None}
    return [f'the gradient of player {player!r} has the norm {size}, {_origin(bare_model(runner), player, values)}'
            for player, size in to_host(sizes).items() if not math.isfinite(size)]


def _origin(model: nn.Module, player: str, values: dict[str, float]) -> str:
    """The terms whose own gradient is not finite; else those of which it is unknown; else the networks."""
    keys = [term.side_key(side) for term in getattr(model, 'losses', ()) for side, drives in term.sides.items()
            if player in drives and term.side_key(side) in model.active_keys]
    noted = to_host(model.gradients.sums) if keys else {}
    culprits = [key for key in keys if not math.isfinite(noted.get(key, 0))]
    unknown = [key for key in keys if key not in noted]
    if not culprits and not unknown:
        return ('and the gradient of each of its loss terms is finite: it comes from the networks behind what they '
                'read, or from another process')
    named = ', '.join(f'{key} = {values[key]:.4g}' for key in culprits or unknown)
    return f'from {"" if culprits or len(unknown) == 1 else "one of "}loss term {named}'


def _rates(runner: Runner) -> str:
    rates = runner.optim_wrapper.get_lr()
    return ', '.join(f'{name} {values[0]:.3g}' for name, values in rates.items())


def _images(data_batch: dict | None) -> str:
    samples = data_batch.get('data_samples', ()) if isinstance(data_batch, dict) else ()
    paths = [str(sample.metainfo['img_path']) for sample in samples if 'img_path' in getattr(sample, 'metainfo', {})]
    return ', '.join(paths[:4]) + (f' and {len(paths) - 4} more' if len(paths) > 4 else '') or 'unknown'
