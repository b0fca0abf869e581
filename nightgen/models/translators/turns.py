"""Players take turns: who steps when, and whose parameters require gradients meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from torch import nn

from .schedule import Schedule


@dataclass(frozen=True)
class Turn:
    """Players that step together, every ``interval`` updates."""

    players: tuple[str, ...]
    interval: int = 1


class Turns:
    """The order of an iteration.

    Args:
        existing: The translator's players.
        turns: Tuples of players, or ``dict(players=..., interval=...)``; None: ``makers`` together, then
            each judge.
        schedules: ``dict(player=dict(begin=, end=, by_epoch=))`` for players that are frozen part of the time.
        makers: The players who have the first turn where ``turns`` says nothing.
        judges: The players that never make tensors and require gradients only in their own turn.

    Raises:
        TypeError, ValueError: An unknown player or setting, or a player that does not have exactly one turn.
    """

    def __init__(self, existing: Collection[str], turns: Sequence | None, schedules: dict[str, dict],
                 judges: Collection[str], makers: Sequence[str] = ('generator',)):
        self.schedules = self._parse_schedules(existing, schedules)
        self.judges = frozenset(judges)
        if turns is None:
            turns = [tuple(makers), *((judge,) for judge in judges if judge in existing)]
        self.order = tuple(self._parse(turn) for turn in turns)
        listed = [player for turn in self.order for player in turn.players]
        if sorted(listed) != sorted(existing):
            raise ValueError(f'turns: every player has exactly one turn; got {listed}, the players are '
                             f'{sorted(existing)}')

    @staticmethod
    def _parse(turn: dict | str | Sequence[str]) -> Turn:
        config = dict(turn) if isinstance(turn, dict) else dict(players=turn)
        names, interval = config.pop('players'), config.pop('interval', 1)
        if config or interval < 1:
            raise ValueError(f'turns: a turn is a tuple of players or dict(players=..., interval=1 or more), '
                             f'got {turn}')
        return Turn((names,) if isinstance(names, str) else tuple(names), interval)

    @staticmethod
    def _parse_schedules(existing: Collection[str], configs: dict[str, dict]) -> dict[str, Schedule]:
        unknown = sorted(set(configs) - set(existing))
        if unknown:
            raise ValueError(f'players: {unknown} do not exist; there are {sorted(existing)}')
        schedules = {}
        for player in existing:
            config = dict(configs.get(player, {}))
            schedules[player] = Schedule.pop_from(config, f'player {player!r}')
            if config:
                raise TypeError(f'player {player!r}: unknown settings {sorted(config)}; it takes begin, end, by_epoch')
        return schedules

    def check_drives(self, key: str, drives: tuple[str, ...]) -> None:
        """Refuse a term whose driven players do not exist or step at different times.

        Raises:
            ValueError: Naming the term and the players.
        """
        turn_of = {player: turn for turn in self.order for player in turn.players}
        if not drives or any(player not in turn_of for player in drives):
            raise ValueError(f'loss term {key!r} drives {drives}, but the players are {sorted(turn_of)}')
        if len({turn_of[player] for player in drives}) > 1:
            raise ValueError(f'loss term {key!r} drives {drives}, who step in different turns; split it into '
                             'one term each')

    def due(self, iteration: int, epoch: int, accumulate: int) -> list[Turn]:
        """Turns of this iteration, each with the players that are not frozen now."""
        due = []
        for turn in self.order:
            players = tuple(p for p in turn.players if self.schedules[p].active(iteration, epoch))
            if players and (iteration // accumulate) % turn.interval == 0:
                due.append(Turn(players, turn.interval))
        return due

    def require_gradients(self, parameters: dict[str, list[nn.Parameter]], due: Sequence[Turn], index: int
                          ) -> frozenset[str]:
        """Let the players of turn ``index`` and of later ones require gradients, a judge only in its own turn.

        Returns:
            Those players: the ones that tensors made now keep a graph of.
        """
        now = due[index].players
        makers = {player for turn in due[index:] for player in turn.players
                  if player not in self.judges or player in now}
        for player, owned in parameters.items():
            for parameter in owned:
                parameter.requires_grad_(player in makers)
        return frozenset(makers)
