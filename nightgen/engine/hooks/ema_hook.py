"""Averages of the generators' weights."""

import logging
from collections.abc import Iterator, Sequence

import torch
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from nightgen.checkpoint import CheckpointMismatchError
from nightgen.registry import HOOKS

from .run_state import bare_model


@HOOKS.register_module()
class GeneratorEMAHook(Hook):
    """Keep an exponential moving average of some networks' weights, and use it in validation and tests.

    After each update of the optimizers, ``average = (1 - momentum) * average + momentum * weight``; buffers are copied.
    The average starts from the weights as they are when training begins (after initialisation and loading), or after
    iteration ``begin``. It is swapped in for validation and tests and out again after; in a checkpoint ``state_dict``
    holds the live weights and ``ema[network]`` the average. ``tools/test.py``, ``init_model`` and the inferencers use
    the average when a checkpoint has one. Frozen models, which are no submodules, are not averaged.

    Not for networks with batch norm: the statistics that go with averaged weights would have to be measured anew, and
    those of the live weights can spoil the pictures (``configs/cgan_colorization/README.md``). A warning says so.

    Args:
        momentum (float): Weight of the new value, in (0, 1], as in mmengine: the usual "decay" is one minus this.
        begin (int): Iteration (0-based) from which on to average; before it the average is the live weights.
        networks (Sequence[str]): Submodules of the model, by name.

    Raises:
        ValueError: For a momentum outside (0, 1], no network, or a name that the model does not have.
    """

    priority = 'NORMAL'

    def __init__(self, momentum: float = 0.001, begin: int = 0, networks: Sequence[str] = ('generators',)):
        if not 0 < momentum <= 1:
            raise ValueError(f'GeneratorEMAHook: momentum is the weight of the new value, in (0, 1], got {momentum}')
        if begin < 0 or isinstance(networks, str) or not networks:
            raise ValueError('GeneratorEMAHook: begin is 0 or more and networks a list of at least one name, got '
                             f'begin={begin}, networks={networks!r}')
        self.momentum, self.begin, self.networks = momentum, begin, tuple(networks)
        self.average: dict[str, dict[str, Tensor]] = {}
        self._swapped = self._matched = False

    # Where the averages come from

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Take the averages of a checkpoint; its weights are loaded after this."""
        stored = checkpoint.get('ema', {})
        self.average = {name: dict(stored[name]) for name in self.networks if name in stored}
        self._matched = False  # looked at when they are needed: the weights themselves are checked first

    def before_train(self, runner: Runner) -> None:
        self._warn_of_batch_norm(runner)
        resumed = runner.iter > 0
        if resumed and set(self.average) == set(self.networks):
            self._match(runner)
            return
        if resumed and runner.iter > self.begin:
            print_log(f'resume: the checkpoint has no averages of {list(self.networks)}; averaging starts anew from '
                      'its weights', 'current', logging.WARNING)
        self.average = {name: {key: value.detach().clone() for key, value in live.items()}
                        for name, live in self._live(runner)}
        self._matched = True

    def _live(self, runner: Runner) -> Iterator[tuple[str, dict[str, Tensor]]]:
        """(name, the live parameters and buffers by key) of every averaged network."""
        for name, network in self._averaged_networks(runner):
            yield name, network.state_dict(keep_vars=True)

    def _averaged_networks(self, runner: Runner) -> Iterator[tuple[str, nn.Module]]:
        model = bare_model(runner)
        for name in self.networks:
            try:
                network = model.get_submodule(name)
            except AttributeError:
                raise ValueError(f'GeneratorEMAHook: the model has no network {name!r}; there are '
                                 f'{[child for child, _ in model.named_children()]}') from None
            yield name, network

    def _warn_of_batch_norm(self, runner: Runner) -> None:
        for name, network in self._averaged_networks(runner):
            if any(isinstance(module, _BatchNorm) and module.track_running_stats for module in network.modules()):
                print_log(f'GeneratorEMAHook: {name!r} has batch norm, whose running statistics are those of the live '
                          'weights and do not fit averaged ones: test with --live-weights, or leave the hook out',
                          'current', logging.WARNING)

    def _match(self, runner: Runner) -> None:
        """Check loaded averages against the networks and bring them to their device."""
        for name, live in self._live(runner):
            stored = self.average.get(name, {})
            wrong = sorted(set(live) ^ set(stored)) or [k for k in live if live[k].shape != stored[k].shape]
            if wrong:
                raise CheckpointMismatchError(f"the checkpoint's averages of {name!r} are of another network, see "
                                              f'{", ".join(wrong[:5])}')
            self.average[name] = {key: stored[key].to(value, copy=True) for key, value in live.items()}
        self._matched = True

    # Averaging

    @torch.no_grad()
    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        if (runner.iter + 1) % getattr(runner.optim_wrapper, 'accumulate', 1):
            return  # inside an accumulation window: nothing has stepped
        for name, live in self._live(runner):
            average = self.average[name]
            averaged = [key for key, value in live.items() if isinstance(value, nn.Parameter)]
            if runner.iter < self.begin:
                averaged = []
            for key in live.keys() - set(averaged):
                average[key].copy_(live[key])
            if averaged:
                torch._foreach_lerp_([average[key] for key in averaged], [live[key] for key in averaged], self.momentum)

    # Swapping

    @torch.no_grad()
    def _swap(self, runner: Runner) -> None:
        for name, live in self._live(runner):
            for key, value in live.items():
                held = value.detach().clone()
                value.copy_(self.average[name][key])
                self.average[name][key] = held
        self._swapped = not self._swapped

    def _swap_in(self, runner: Runner) -> None:
        if set(self.average) == set(self.networks) and not self._swapped:
            if not self._matched:
                self._match(runner)
            self._swap(runner)

    def _swap_out(self, runner: Runner) -> None:
        if self._swapped:
            self._swap(runner)

    def before_val_epoch(self, runner: Runner) -> None:
        self._swap_in(runner)

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        self._swap_out(runner)  # before the checkpoint hook saves a best checkpoint

    def before_test_epoch(self, runner: Runner) -> None:
        self._swap_in(runner)

    def after_test_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        self._swap_out(runner)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Put the averages under ``ema`` and, should they be swapped in, the live weights where they belong."""
        average = {name: dict(values) for name, values in self.average.items()}
        if self._swapped:
            for name, values in average.items():
                for key, live in values.items():
                    full = f'{name}.{key}'
                    values[key], checkpoint['state_dict'][full] = checkpoint['state_dict'][full], live.cpu()
        checkpoint['ema'] = average
