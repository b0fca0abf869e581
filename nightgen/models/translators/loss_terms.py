"""Loss terms: config entries that name the tensors they read, expanded over domains and checked when a model is built.

A config entry is ``dict(type=..., reads=dict(argument='tensor_name'), weight=1.0, begin=0, end=None, by_epoch=True,
drives=('generator',), name=None, domains=None)`` plus the loss's own arguments. A two-sided (adversarial) loss also
takes ``pool=0`` (images kept for the discriminator's side), ``discriminator_weight=1.0`` and ``discriminator=None``
(the domain whose discriminator judges, for an entry without ``*``).

In a name ``*`` ranges over the domains that the translator produces and ``~`` is the other domain; such an entry
becomes one term per domain, logged as ``<name>_<domain>``. Scores are never named tensors: a two-sided loss has a side
for the generator and one for the discriminator, each evaluated in its player's turn.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nightgen.models.task_modules import ImagePool
from nightgen.registry import LOSSES

NETWORK_ARGUMENT = 'discriminator'  # an argument of this name is the network, handed over by the translator


@dataclass(frozen=True)
class Schedule:
    """When a term or a player is on: from ``begin`` (inclusive, 0-based) to ``end`` (exclusive)."""

    begin: int = 0
    end: float = math.inf
    by_epoch: bool = True

    @classmethod
    def pop_from(cls, config: dict, owner: str) -> Schedule:
        begin, end = config.pop('begin', 0), config.pop('end', None)
        schedule = cls(begin, math.inf if end is None else end, config.pop('by_epoch', True))
        if begin < 0 or schedule.end <= begin:
            raise ValueError(f'{owner}: begin={begin}, end={end} leave no time to be on; give 0 <= begin < end')
        return schedule

    @property
    def always(self) -> bool:
        return self.begin == 0 and self.end == math.inf

    def active(self, iteration: int, epoch: int) -> bool:
        return self.begin <= (epoch if self.by_epoch else iteration) < self.end


def snake_case(class_name: str) -> str:
    return re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', class_name).lower()


class LossTerm(nn.Module):
    """One loss over one domain, with the names of what it reads.

    Attributes:
        key (str): What it is logged as.
        drives (tuple[str]): The players that its gradient reaches.
        sides (dict[str, tuple[str]]): For a two-sided loss ``{'generator': drives, 'discriminator':
            ('discriminator',)}``, else ``{'': drives}``.
    """

    def __init__(self, loss: nn.Module, key: str, reads: dict[str, str], domain: str | None, weight: float,
                 discriminator_weight: float, schedule: Schedule, drives: tuple[str, ...], pool: int):
        super().__init__()
        self.loss = loss
        self.key = key
        self.reads = reads
        self.domain = domain
        self.weight = weight
        self.discriminator_weight = discriminator_weight
        self.schedule = schedule
        self.drives = drives
        self.two_sided = is_two_sided(loss)
        self.pool = ImagePool(pool) if self.two_sided else None
        self.sides = {'generator': drives, 'discriminator': ('discriminator',)} if self.two_sided else {'': drives}

    def side_key(self, side: str) -> str:
        """``loss_adversarial_day`` for the generator's side, ``loss_adversarial_discriminator_day`` for the other."""
        if side != 'discriminator':
            return self.key
        stem = self.key.removesuffix(f'_{self.domain}')
        return f'{stem}_discriminator' + self.key[len(stem):]

    def evaluate(self, side: str, read: Callable[[str], Tensor], discriminator: nn.Module | None) -> Tensor:
        """The weighted loss of one side, a 0-d tensor.

        Args:
            side: A key of ``sides``.
            read: From a tensor's name to the tensor, as the current turn's players need it.
            discriminator: The network that judges this term's domain, where the loss asks for one.
        """
        if not self.two_sided:
            arguments = {argument: read(name) for argument, name in self.reads.items()}
            if NETWORK_ARGUMENT in inspect.signature(self.loss.forward).parameters:
                arguments[NETWORK_ARGUMENT] = discriminator
            return self.weight * self.loss(**arguments)
        fake = read(self.reads['fake'])
        if side == 'generator':
            real_scores = None
            if getattr(self.loss, 'generator_needs_real', True):
                with torch.no_grad():
                    real_scores = discriminator(read(self.reads['real']))
            return self.weight * self.loss.generator(discriminator(fake), real_scores)
        real_scores, fake_scores = discriminator(read(self.reads['real'])), discriminator(self.pool(fake))
        return self.discriminator_weight * self.loss.discriminator(real_scores, fake_scores)

    def extra_repr(self) -> str:
        return f'key={self.key!r}, reads={self.reads}, weight={self.weight}, drives={self.drives}'


def is_two_sided(loss: nn.Module) -> bool:
    return callable(getattr(loss, 'generator', None)) and callable(getattr(loss, 'discriminator', None))


def build_terms(configs: Sequence[dict], produced: Sequence[str], other: Callable[[str], str]) -> nn.ModuleList:
    """Build and expand the entries of ``losses``.

    Args:
        configs: Entries as the module's docstring has them.
        produced: Domains that ``*`` ranges over.
        other: From a domain to the one that ``~`` stands for.

    Raises:
        TypeError: An argument that the loss or its call does not have, or one that is missing.
        ValueError: A malformed entry or two terms with one key.
    """
    terms = nn.ModuleList()
    for config in configs:
        terms.extend(_expand(dict(config), produced, other))
    keys = [term.side_key(side) for term in terms for side in term.sides]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"losses: two terms are logged as {twice}; give one of them its own name='loss_...'")
    return terms


def _expand(config: dict, produced: Sequence[str], other: Callable[[str], str]) -> list[LossTerm]:
    owner = f'loss term {config.get("name") or config.get("type")!r}'
    if 'type' not in config or not config.get('reads'):
        raise ValueError(f"{owner}: needs type=... and reads=dict(argument='tensor_name'), got {config}")
    reads = dict(config.pop('reads'))
    name = config.pop('name', None) or 'loss_' + snake_case(str(config['type']).split('.')[-1]).removesuffix('_loss')
    if 'loss' not in name or name == 'loss':
        raise ValueError(f"{owner}: name={name!r} must contain 'loss' (so that logs average it) and say more than that")
    schedule = Schedule.pop_from(config, owner)
    options = dict(weight=config.pop('weight', 1.0), discriminator_weight=config.pop('discriminator_weight', None),
                   drives=_as_tuple(config.pop('drives', ('generator',))), pool=config.pop('pool', None))
    judge = config.pop('discriminator', None)
    wildcard = any(mark in tensor for tensor in reads.values() for mark in '*~')
    domains = _chosen_domains(config.pop('domains', None), produced, owner) if wildcard else [judge]
    terms = []
    for domain in domains:
        loss = build_loss(config, owner)
        _check_call(loss, reads, owner)
        options_here = _sided_options(options, is_two_sided(loss), owner)
        names = {argument: tensor.replace('*', domain).replace('~', other(domain) if '~' in tensor else '')
                 if wildcard else tensor for argument, tensor in reads.items()}
        key = f'{name}_{domain}' if wildcard else name
        terms.append(LossTerm(loss, key, names, domain, schedule=schedule, **options_here))
    return terms


def build_loss(config: dict, owner: str) -> nn.Module:
    """Build a loss, naming the arguments that it takes when one is unknown."""
    loss_class = LOSSES.get(config['type']) if isinstance(config['type'], str) else config['type']
    if loss_class is None:
        raise KeyError(f"{owner}: no loss of type {config['type']!r} is registered. Is it misspelt, or does its "
                       "package miss in the config's custom_imports=dict(imports=[...])?")
    arguments = inspect.signature(loss_class).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in arguments.values())
    unknown = [] if takes_any else sorted(set(config) - {'type'} - set(arguments))
    if unknown:
        raise TypeError(f'{owner}: {loss_class.__name__} takes no argument {unknown}; it takes {list(arguments)}')
    return LOSSES.build(config)


def _check_call(loss: nn.Module, reads: dict[str, str], owner: str) -> None:
    if is_two_sided(loss):
        if set(reads) != {'real', 'fake'}:
            raise TypeError(f"{owner}: an adversarial term reads exactly dict(real=..., fake=...), got {reads}")
        return
    parameters = dict(inspect.signature(loss.forward).parameters)
    parameters.pop(NETWORK_ARGUMENT, None)
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    required = {key for key, parameter in parameters.items()
                if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD}
    unknown = [] if takes_any else sorted(set(reads) - set(parameters))
    missing = sorted(required - set(reads))
    if unknown or missing:
        raise TypeError(f'{owner}: its loss is called with {sorted(parameters)}; reads has unknown arguments {unknown} '
                        f'and misses {missing}')


def _sided_options(options: dict, two_sided: bool, owner: str) -> dict:
    """Fill in the defaults of a two-sided term's options, and refuse them where they would do nothing."""
    if not two_sided:
        idle = [key for key in ('pool', 'discriminator_weight') if options[key] is not None]
        if idle:
            raise TypeError(f'{owner}: {idle} belong to adversarial terms and would do nothing here')
    return {**options, 'pool': options['pool'] or 0,
            'discriminator_weight': 1.0 if options['discriminator_weight'] is None else options['discriminator_weight']}


def _as_tuple(drives: str | Sequence[str]) -> tuple[str, ...]:
    return (drives,) if isinstance(drives, str) else tuple(drives)


def _chosen_domains(chosen: Sequence[str] | str | None, produced: Sequence[str], owner: str) -> list[str]:
    chosen = list(produced) if chosen is None else list(_as_tuple(chosen))
    unknown = [domain for domain in chosen if domain not in produced]
    if unknown or not chosen:
        raise ValueError(f'{owner}: domains={chosen} must name some of the domains produced here, {list(produced)}')
    return chosen
