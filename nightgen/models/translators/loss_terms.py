"""Loss terms: config entries that name the tensors they read, expanded over domains and checked when a model is built.

A config entry is ``dict(type=..., reads=dict(argument='tensor_name'), weight=1.0, begin=0, end=None, by_epoch=True,
drives=('generator',), name=None, domains=None)`` plus the loss's own arguments. A two-sided (adversarial) loss also
takes ``pool=0`` (images kept for the judge's side), ``discriminator_weight=1.0`` (of that side),
``judge='discriminator'`` (the player that judges) and ``discriminator=None`` (the domain whose network of it judges; by
default that of ``*``).

In a name ``*`` ranges over the domains that the translator produces and ``~`` over the others; such an entry becomes
one term per domain, logged as ``<name>_<domain>``, or with ``~`` among more than two domains one per pair, logged as
``<name>_<domain>_<other>``. ``domains`` restricts ``*`` and ``others`` restricts ``~``. Two entries may share a name if
their schedules do not overlap: one loss in two stages. Scores are never named tensors: a two-sided loss has a side for
the generator and one for its judge, each evaluated in its player's turn.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Any

import torch
from torch import Tensor, nn

from nightgen.models.task_modules import ImagePool
from nightgen.registry import LOSSES
from nightgen.utils.errors import meant

from .gradient_watch import GradientWatch
from .judging import Judging
from .schedule import Schedule

TERM_ARGUMENTS = ('reads', 'name', 'weight', 'drives', 'begin', 'end', 'by_epoch', 'domains', 'others', 'pool',
                  'discriminator_weight', 'judge', 'discriminator')
JUDGE = 'discriminator'  # the player that judges, unless a term names another
NETWORK_ARGUMENT = 'discriminator'  # an argument of this name is the network, handed over by the translator


def snake_case(class_name: str) -> str:
    return re.sub(r'(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', class_name).lower()


class LossTerm(nn.Module):
    """One loss over one domain, with the names of what it reads.

    Attributes:
        key (str): What it is logged as.
        drives (tuple[str]): The players that its gradient reaches.
        judge (str): The player whose networks judge for it, or are handed to it.
        sides (dict[str, tuple[str]]): For a two-sided loss ``{'generator': drives, 'judge': (judge,)}``, else
            ``{'': drives}``.
    """

    def __init__(self, loss: nn.Module, key: str, reads: dict[str, str], domain: str | None, weight: float,
                 discriminator_weight: float, schedule: Schedule, drives: tuple[str, ...], pool: int,
                 judge: str = JUDGE, stem: str | None = None):
        super().__init__()
        self.loss = loss
        self.key = key
        self.reads = reads
        self.domain = domain
        self.weight = weight
        self.discriminator_weight = discriminator_weight
        self.schedule = schedule
        self.drives = drives
        self.judge = judge
        self.stem = stem or key
        self.two_sided = is_two_sided(loss)
        self.pool = ImagePool(pool) if self.two_sided else None
        self.sides = {'generator': drives, 'judge': (judge,)} if self.two_sided else {'': drives}

    def side_key(self, side: str) -> str:
        """``loss_adversarial_day`` for the generator's side, ``loss_adversarial_discriminator_day`` for the judge's."""
        return f'{self.stem}_{self.judge}{self.key[len(self.stem):]}' if side == 'judge' else self.key

    def evaluate(self, side: str, read: Callable[[str], Tensor], judging: Judging, watch: GradientWatch) -> Tensor:
        """The weighted loss of one side, a 0-d tensor.

        Args:
            side: A key of ``sides``.
            read: From a tensor's name to the tensor, as the current turn's players need it.
            judging: The judges' scores.
            watch: Notes whether this side's gradients are finite.
        """
        def watched(value: Any) -> Any:
            return watch.alias(self.side_key(side), value)
        if not self.two_sided:
            arguments = {argument: watched(read(name)) for argument, name in self.reads.items()}
            if NETWORK_ARGUMENT in inspect.signature(self.loss.forward).parameters:
                arguments[NETWORK_ARGUMENT] = judging.network(self)
            return self.weight * check_loss_value(self.key, self.loss(**arguments), arguments.values())
        fake = read(self.reads['fake'])
        if side == 'generator':
            fake = watched(fake)
            real_scores = judging.real(self) if getattr(self.loss, 'generator_needs_real', True) else None
            return self.weight * check_loss_value(
                self.key, self.loss.generator(judging.fake(self, fake), real_scores))
        # The real image before the fake: the order in which the spectral norm's vectors move
        real_scores = watched(judging.real(self))
        return self.discriminator_weight * check_loss_value(
            self.side_key(side), self.loss.discriminator(real_scores, watched(judging.fake(self, self.pool(fake)))))

    def extra_repr(self) -> str:
        return f'key={self.key!r}, reads={self.reads}, weight={self.weight}, drives={self.drives}'


def check_loss_value(term_key: str, value: Any, reads: Iterable[Any] = ()) -> Tensor:
    """The value of a loss, if it is one that can be added up and trained with.

    Args:
        term_key: What the term is logged as.
        value: What the loss returned.
        reads: What it was given. If a gradient leads to any of it, one must lead to the value, unless that is 0.

    Raises:
        TypeError: No tensor, or one that holds no real numbers.
        ValueError: No 0-d tensor, or one without a graph.
    """
    if not isinstance(value, Tensor):
        kind = 'None (does its forward end without a return?)' if value is None else f'a {type(value).__name__}'
        raise TypeError(f'loss term {term_key!r} returned {kind}; a loss returns a 0-d tensor')
    if not value.is_floating_point():
        raise TypeError(f'loss term {term_key!r} returned a tensor of {value.dtype}; a loss returns real numbers')
    if value.ndim:
        raise ValueError(f'loss term {term_key!r} returned shape {tuple(value.shape)}; a loss returns a 0-d tensor')
    trained = torch.is_grad_enabled() and any(isinstance(one, Tensor) and one.requires_grad for one in reads)
    if trained and not value.requires_grad and value != 0:
        raise ValueError(f'loss term {term_key!r} returned a value without a graph: it was detached, or made from '
                         'numbers (item(), numpy), and would train nothing')
    return value


def is_two_sided(loss: nn.Module) -> bool:
    return callable(getattr(loss, 'generator', None)) and callable(getattr(loss, 'discriminator', None))


def build_terms(configs: Sequence[dict], produced: Sequence[str], others: Callable[[str], Sequence[str]]
                ) -> nn.ModuleList:
    """Build and expand the entries of ``losses``.

    Args:
        configs: Entries as the module's docstring has them.
        produced: Domains that ``*`` ranges over.
        others: From a domain to those that ``~`` ranges over beside it.

    Raises:
        TypeError: An argument that the loss or its call does not have, or one that is missing.
        ValueError: A malformed entry, or two terms with one key that are on at the same time.
    """
    terms = nn.ModuleList()
    for config in configs:
        terms.extend(_expand(dict(config), produced, others))
    sides = [(term.side_key(side), term.schedule) for term in terms for side in term.sides]
    twice = sorted({key for (key, schedule), (other, other_schedule) in combinations(sides, 2)
                    if key == other and schedule.overlaps(other_schedule)})
    if twice:
        raise ValueError(f"losses: two terms are logged as {twice} and can be on at once; give one of them its own "
                         "name='loss_...', or begin and end that do not overlap")
    return terms


def _expand(config: dict, produced: Sequence[str], others: Callable[[str], Sequence[str]]) -> list[LossTerm]:
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
    judge, judged = config.pop('judge', JUDGE), config.pop('discriminator', None)
    places = expand_domains(reads.values(), config.pop('domains', None), config.pop('others', None), produced, others,
                            owner)
    terms = []
    for domain, other, suffix in places:
        loss = build_loss(config, owner)
        _check_call(loss, reads, owner)
        options_here = _sided_options(options, is_two_sided(loss), owner)
        names = {argument: fill_in(tensor, domain, other) for argument, tensor in reads.items()}
        terms.append(LossTerm(loss, name + suffix, names, judged or domain, schedule=schedule,
                              judge=judge, stem=name, **options_here))
    return terms


def fill_in(name: str, domain: str | None, other: str | None) -> str:
    """A tensor's name with ``*`` and ``~`` replaced."""
    return name.replace('*', domain or '*').replace('~', other or '~')


def expand_domains(names: Iterable[str], domains: Sequence[str] | str | None, others: Sequence[str] | str | None,
                   produced: Sequence[str], others_of: Callable[[str], Sequence[str]], owner: str
                   ) -> list[tuple[str | None, str | None, str]]:
    """What ``*`` and ``~`` stand for in the names of one config entry.

    Args:
        names: The tensors' names that it mentions.
        domains: Restricts ``*``; None for all that are produced.
        others: Restricts ``~``; None for all.
        produced: Domains that the translator produces.
        others_of: From a domain to those that ``~`` ranges over.
        owner: The entry, for messages.

    Returns:
        (domain, other, suffix of the key); a single ``(None, None, '')`` where no name has a wildcard.

    Raises:
        ValueError: Domains that are not produced, others that do not exist, or a restriction that would do nothing.
    """
    names = list(names)
    starred, paired = (any(mark in name for name in names) for mark in '*~')
    idle = [key for key, given, used in (('domains', domains, starred or paired), ('others', others, paired))
            if given is not None and not used]
    if idle:
        raise ValueError(f"{owner}: {' and '.join(idle)} would do nothing, since no name of it has a '*' or '~'")
    if not starred and not paired:
        return [(None, None, '')]
    places = []
    for domain in _chosen(domains, produced, f'{owner}: domains', 'the domains produced here'):
        if not paired:
            places.append((domain, None, f'_{domain}'))
            continue
        there = list(others_of(domain))
        wanted = [one for one in there if others is None or one in _as_tuple(others)]
        unknown = [one for one in _as_tuple(others or ()) if one != domain and one not in there]
        if unknown:
            raise ValueError(f'{owner}: others={others} must name some of the other domains, {there}')
        places += [(domain, one, f'_{domain}' if len(there) == 1 else f'_{domain}_{one}') for one in wanted]
    if not places:
        raise ValueError(f'{owner}: domains={domains} and others={others} leave no pair of domains')
    return places


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
        hints = ''.join(meant(name, {*arguments, *TERM_ARGUMENTS}) for name in unknown)
        raise TypeError(f'{owner}: {loss_class.__name__} takes no argument {unknown}; it takes {list(arguments)}, '
                        f'and every term {list(TERM_ARGUMENTS)}{hints}')
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


def _chosen(chosen: Sequence[str] | str | None, known: Sequence[str], owner: str, what: str) -> list[str]:
    names = list(known) if chosen is None else list(_as_tuple(chosen))
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ValueError(f'{owner}={names} must name some of {what}, {list(known)}')
    return names
