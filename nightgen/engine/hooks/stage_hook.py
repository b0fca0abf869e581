"""Says which loss terms and players are on, where that changes."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner
from torch import nn

from nightgen.registry import HOOKS

from .run_state import bare_model


@HOOKS.register_module()
class StageHook(Hook):
    """Logs the stage of a run when it begins, and after a resume: its players, and the terms that begin, end and go on.

    A stage ends where a term's or a player's ``begin`` or ``end`` is reached; stages are counted from 1. A term is
    listed with what it reads where it begins, and with its players where these are not the generator alone. Silent for
    a model whose schedule never changes.
    """

    def before_train(self, runner: Runner) -> None:
        self._shown: tuple[list[str], list[int]] | None = None

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        model = bare_model(runner)
        if not hasattr(model, 'turns'):
            return
        schedules = [*(term.schedule for term in model.losses), *model.turns.schedules.values()]
        if all(schedule.always for schedule in schedules):
            return
        now = model.progress()
        players = [player for turn in model.turns.order for player in turn.players
                   if model.turns.schedules[player].active(*now)]
        active = [index for index, term in enumerate(model.losses) if term.schedule.active(*now)]
        if (players, active) == self._shown:
            return
        borders = {(border, schedule.by_epoch) for schedule in schedules for border in (schedule.begin, schedule.end)
                   if 0 < border < float('inf')}
        number = 1 + sum(border <= now[by_epoch] for border, by_epoch in borders)
        before = self._shown[1] if self._shown else []
        where = f'iteration {now[0]}'
        if isinstance(runner.train_loop, EpochBasedTrainLoop):
            where = f'epoch {now[1]}, {where}'
        terms = [_described(term) for term in model.losses]
        parts = {'players': players,
                 'begins': [f'{terms[index]} of {"/".join(model.losses[index].reads.values())}' for index in active
                            if index not in before],
                 'ends': [terms[index] for index in before if index not in active],
                 'goes on': [terms[index] for index in active if index in before]}
        runner.logger.info(f'stage {number} of {len(borders) + 1}, from {where}:' + ''.join(
            f'\n  {name}: {", ".join(members)}' for name, members in parts.items() if members))
        self._shown = players, active


def _described(term: nn.Module) -> str:
    players = sorted({player for drives in term.sides.values() for player in drives})
    return term.key if players == ['generator'] else f'{term.key} ({"+".join(players)})'
