"""The base translator: named tensors, loss terms and turns, and the one training step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmengine.dist import all_reduce
from mmengine.logging import MessageHub
from mmengine.model import BaseModel, ModuleDict
from mmengine.optim import OptimWrapperDict
from torch import Tensor, nn

from nightgen.registry import MODELS

from .gradient_watch import GradientWatch
from .judging import JudgedTerm, Judging
from .loss_terms import JUDGE, build_terms, expand_domains, fill_in
from .tensors import Tensors
from .translating import Translating
from .turns import Turn, Turns


class BaseTranslator(Translating, BaseModel):
    """Owns the networks, names the tensors, and trains whatever loss terms the config lists.

    A subclass says which tensors there are (:meth:`producers`) and makes each in a method
    ``(domain, tensors) -> Tensor``. Everything else, the training step above all, is written here once.

    Args:
        domains: Names of the domains, as in the dataset.
        generators: Networks keyed by the domain that they make.
        discriminators: Networks keyed by the domain that they judge.
        losses: Loss term configs, see :mod:`nightgen.models.translators.loss_terms`.
        turns: Who steps after whom: tuples of players, or ``dict(players=..., interval=...)``. By default the
            translator's own networks that make tensors, then the discriminator if there is one.
        players: ``dict(name=dict(begin=, end=, by_epoch=))`` for players that are frozen part of the time.
        inputs: Names of batch entries beside ``real_<domain>``.
        tensors: Further tensors: ``dict(type=<a module>, name='mask_*', reads=dict(argument='tensor_name'))``. With
            several names the module returns as many values, in their order. ``player='<name>'`` makes the module part
            of a player, of its own if there is none of that name, which then needs a turn and an optimizer.
        keep: Names that are made at the end of every step even if no term reads them, and handed to hooks as
            :attr:`kept`; ``*`` ranges over the produced domains.
        channels_last: Keep networks and images in the channels-last memory format, often faster for convolutions.
        compile_networks: Compile each generator and discriminator (each half of a split generator) in place.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: As in mmengine.
        networks: Further networks of a subclass by attribute name, there before :meth:`player_modules` is asked.

    Attributes:
        kept (dict[str, Any]): The ``keep`` of the last step, detached.
        active_keys (set[str]): The log keys whose terms were on in the last step.
        gradients (GradientWatch): Which terms' gradients were finite since the last update.

    Raises:
        KeyError, TypeError, ValueError: A config that names what does not exist; each message lists what there is.
    """

    def __init__(self, domains: Sequence[str], generators: nn.ModuleDict, discriminators: nn.ModuleDict,
                 losses: Sequence[dict] = (), turns: Sequence | None = None, players: dict | None = None,
                 inputs: Sequence[str] = (), tensors: Sequence[dict] = (), keep: Sequence[str] = (),
                 channels_last: bool = False, compile_networks: bool = False, data_preprocessor: dict | None = None,
                 init_cfg: dict | list | None = None, networks: Mapping[str, nn.Module] | None = None):
        preprocessor = MODELS.build(data_preprocessor or dict(type='TranslationDataPreprocessor'))
        super().__init__(preprocessor, init_cfg)
        self.domains = tuple(domains)
        # mmengine's dictionaries: init_weights does not look into torch's
        self.generators, self.discriminators = ModuleDict(generators), ModuleDict(discriminators)
        for name, network in (networks or {}).items():
            self.add_module(name, network)
        self.inputs = tuple(inputs)
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.to(memory_format=self.memory_format)
        if compile_networks:
            for network in self.called_networks():
                network.compile()
        self.extra_tensors = ModuleDict()
        self._extra_reads: dict[str, dict[str, str]] = {}
        self._parts: dict[str, tuple[str, int, int]] = {}
        self._extra_players: dict[str, list[str]] = {}
        for config in tensors:
            self._add_tensor(dict(config))
        modules, judges = self.player_modules(), self.judges()
        own = [player for player in modules if player not in {*judges, *self._extra_players} or player == 'generator']
        self.turns = Turns(modules, turns, players or {}, judges, own)
        self.losses = build_terms(losses, self.produced_domains, self.other_domains)
        self.keep = tuple(fill_in(name, domain, other) for name in keep for domain, other, _ in expand_domains(
            [name], None, None, self.produced_domains, self.other_domains, f'keep={name!r}'))
        self._check_terms()
        self.kept: dict[str, Any] = {}
        self.active_keys: set[str] = set()
        self.gradients = GradientWatch()
        self._first_batch = True
        self._never_trained = set(self.player_modules())

    # What a subclass says about its training graph

    @property
    def produced_domains(self) -> tuple[str, ...]:
        """The domains that ``*`` ranges over."""
        return tuple(self.generators)

    @property
    def default_direction(self) -> tuple[str, str]:
        """(source, target) of what the method exists for."""
        raise NotImplementedError(f'{type(self).__name__} must say its default_direction')  # abstract

    def producers(self) -> dict[str, tuple[str, str]]:
        """From a tensor's name to (method name, domain); names, not closures, so that a deep copy calls its own."""
        raise NotImplementedError(f'{type(self).__name__} must list its producers')  # abstract

    def judges(self) -> dict[str, nn.ModuleDict]:
        """The players that judge, and the networks of each by domain. They never make tensors."""
        return {JUDGE: self.discriminators}

    def player_modules(self) -> dict[str, list[nn.Module]]:
        """The networks of each player. A player without a network is left out."""
        modules = {'generator': [self.generators], **{judge: [own] for judge, own in self.judges().items()}}
        modules = {player: networks for player, networks in modules.items()
                   if any(len(network) for network in networks)}
        for player, names in self._extra_players.items():
            modules[player] = [*modules.get(player, []), *(self.extra_tensors[name] for name in names)]
        return modules

    def called_networks(self) -> list[nn.Module]:
        """The modules that producers and terms call: what is worth compiling."""
        return [*self.generators.values(), *(network for own in self.judges().values() for network in own.values())]

    def _dump_init_info(self) -> None:
        """Nothing: mmengine would log a paragraph for every parameter."""

    # Names

    def other_domains(self, domain: str) -> tuple[str, ...]:
        """What ``~`` ranges over beside a domain."""
        return tuple(name for name in self.domains if name != domain)

    def other_domain(self, domain: str) -> str:
        """The other one of two domains.

        Raises:
            ValueError: If there are more than two, so that "the other" means nothing.
        """
        others = self.other_domains(domain)
        if len(others) != 1:
            raise ValueError(f"the other of two domains is asked for, and there are {self.domains}")
        return others[0]

    def tensor_names(self) -> list[str]:
        """Every name that a term or a further tensor can read."""
        batch = [f'real_{domain}' for domain in self.domains]
        whole = {name for name, _, _ in self._parts.values()}
        return sorted({*batch, *self.inputs, *self.producers(), *self._parts, *self.extra_tensors} - whole)

    def produce(self, name: str, tensors: Tensors) -> Any:
        """Make the tensor ``name``; only :class:`Tensors` calls this.

        Raises:
            KeyError: If nothing produces it.
        """
        if name in self._parts:
            whole, position, number = self._parts[name]
            if len(tensors[whole]) != number:
                raise ValueError(f'tensors: {type(self.extra_tensors[whole]).__name__} made {len(tensors[whole])} '
                                 f'values for the {number} names of {whole[1:]!r}')
            return tensors[whole][position]
        if name in self.extra_tensors:
            reads = self._extra_reads[name]
            return self.extra_tensors[name](**{argument: tensors[source] for argument, source in reads.items()})
        producers = self.producers()
        if name not in producers:
            raise KeyError(f'no tensor {name!r}: it is neither produced by {type(self).__name__} nor in this batch; '
                           f'there are {self.tensor_names()}')
        method, domain = producers[name]
        return getattr(self, method)(domain, tensors)

    def _add_tensor(self, config: dict) -> None:
        given, reads, player = config.pop('name'), dict(config.pop('reads')), config.pop('player', None)
        patterns = [given] if isinstance(given, str) else list(given)
        if any('*' not in pattern for pattern in patterns) and any(
                mark in source for source in reads.values() for mark in '*~'):
            raise ValueError(f"tensors: {given!r} reads {reads}: with '*' or '~' there, its name needs a '*' too")
        places = expand_domains([*patterns, *reads.values()], None, None, self.produced_domains, self.other_domains,
                                f'tensor {given!r}')
        for domain, other, _ in places:
            names = [fill_in(pattern, domain, other) for pattern in patterns]
            double = [name for name in names if name in self.tensor_names() or names.count(name) > 1]
            if double:
                raise ValueError(f'tensors: {double[0]!r} exists already; choose another name')
            key = names[0] if isinstance(given, str) else '+'.join(['', *names])  # no name of a tensor begins so
            self.extra_tensors[key] = MODELS.build(config)
            self._extra_reads[key] = {argument: fill_in(source, domain, other) for argument, source in reads.items()}
            if not isinstance(given, str):
                self._parts.update({name: (key, position, len(names)) for position, name in enumerate(names)})
            if player is not None:
                self._extra_players.setdefault(player, []).append(key)

    def active_reads(self) -> set[str]:
        """Names that the terms of this iteration read, themselves or through further tensors of the config."""
        iteration, epoch = self.progress()
        names: set[str] = set()
        pending = [name for term in self.losses if term.schedule.active(iteration, epoch)
                   for name in term.reads.values()]
        while pending:
            name = pending.pop()
            if name not in names:
                names.add(name)
                pending.extend(self._extra_reads.get(name, {}).values())
        return names

    # Checks when the model is built

    def _check_terms(self) -> None:
        names = self.tensor_names()
        for owner, reads in [*((f'loss term {term.key!r}', term.reads) for term in self.losses),
                             *((f'tensor {name!r}', reads) for name, reads in self._extra_reads.items()),
                             ('keep', {name: name for name in self.keep})]:
            unknown = sorted(set(reads.values()) - set(names))
            if unknown:
                raise KeyError(f'{owner} reads {unknown}, which do not exist; there are {names}. '
                               'Batch entries beside real_* are listed under inputs=(...)')
        for term in self.losses:
            if term.two_sided:
                self.judge_of(term)  # an error now rather than in training
            for drives in term.sides.values():
                self.turns.check_drives(term.key, drives)

    def scheduled_by_epoch(self) -> list[str]:
        """Terms and players whose begin or end counts epochs; they make no sense under an iteration loop."""
        schedules = {**{term.key: term.schedule for term in self.losses}, **self.turns.schedules}
        return [name for name, schedule in schedules.items() if schedule.by_epoch and not schedule.always]

    # Training

    def train_step(self, data: dict, optim_wrapper: OptimWrapperDict) -> dict[str, Tensor]:
        """One iteration: every due turn makes what its terms read, goes backward, and steps.

        Args:
            data: A batch from the dataloader.
            optim_wrapper: One optimizer per player.

        Returns:
            Weighted value of every term, a detached 0-d tensor each; 0 for a term that is off.
        """
        if not hasattr(optim_wrapper, 'update_due'):
            raise TypeError("a translator trains with optim_wrapper=dict(constructor='PlayerOptimWrapperConstructor', "
                            f'<player>=dict(optimizer=...)), got {type(optim_wrapper).__name__}')
        iteration, epoch = self.progress()
        batch = self._batch(data)
        parameters = self._trainable_parameters()
        owners = {id(p): player for player, owned in parameters.items() for p in owned}
        tensors = Tensors(self.produce, batch, owners)
        judging = Judging(self.judge_of, parameters, tensors)
        logs, self.active_keys = self._empty_logs(), set()
        if optim_wrapper.update_due(iteration - 1):
            self.gradients.clear()
        due = self.turns.due(iteration, epoch, optim_wrapper.accumulate)
        update, device = optim_wrapper.update_due(iteration), next(iter(batch.values())).device.type
        try:
            for index, turn in enumerate(due):
                tensors.trainable = self.turns.require_gradients(parameters, due, index)
                judging.begin(turn.players, {player for later in due[index + 1:] for player in later.players})
                with optim_wrapper.autocast(device):
                    totals = self._totals(turn, iteration, epoch, tensors, judging, logs)
                self._backward(totals, parameters, optim_wrapper)
                self._check_gradients(turn, parameters)
                if update:
                    for player in turn.players:
                        optim_wrapper[player].step(parameters[player])
                tensors.release(turn.players)
                judging.end()
            if update:
                optim_wrapper.after_update()
            with optim_wrapper.autocast(device), torch.no_grad():
                self.kept = {name: tensors.read(name, ()) for name in self.keep}
        finally:
            for owned in parameters.values():
                for parameter in owned:
                    parameter.requires_grad_(True)
        return logs

    @staticmethod
    def progress() -> tuple[int, int]:
        """(iteration, epoch) of the run, both 0-based; (0, 0) outside one."""
        hub = MessageHub.get_current_instance()
        return hub.get_info('iter', 0), hub.get_info('epoch', 0)

    def batch_entries(self, batch: dict[str, Tensor]) -> set[str]:
        """The names that a training batch must hold."""
        return {f'real_{domain}' for domain in self.domains} | set(self.inputs)

    def _batch(self, data: dict) -> dict[str, Tensor]:
        batch = self.data_preprocessor(data, True)['inputs']
        expected = self.batch_entries(batch)
        if self._first_batch and not expected <= set(batch):
            raise KeyError(f'the first batch misses {sorted(expected - set(batch))}: it holds {sorted(batch)}, and '
                           f'domains={self.domains} with inputs={self.inputs} need {sorted(expected)}')
        self._first_batch = False
        return {name: value.contiguous(memory_format=self.memory_format) if value.ndim == 4 else value
                for name, value in batch.items()}

    def _trainable_parameters(self) -> dict[str, list[nn.Parameter]]:
        return {player: [p for module in modules for p in module.parameters() if p.requires_grad]
                for player, modules in self.player_modules().items()}

    def _empty_logs(self) -> dict[str, Tensor]:
        zero = torch.zeros((), device=self.data_preprocessor.device)
        return {term.side_key(side): zero for term in self.losses for side in term.sides}

    def _totals(self, turn: Turn, iteration: int, epoch: int, tensors: Tensors, judging: Judging,
                logs: dict[str, Tensor]) -> dict[tuple[str, ...], Tensor]:
        """Sum of this turn's active terms per distinct set of players that they drive."""
        totals: dict[tuple[str, ...], Tensor] = {}
        for term in self.losses:
            if not term.schedule.active(iteration, epoch):
                continue
            for side, drives in term.sides.items():
                driven = tuple(player for player in drives if player in turn.players)
                if not driven:
                    continue
                value = term.evaluate(side, lambda name: tensors.read(name, turn.players), judging, self.gradients)
                logs[term.side_key(side)] = value.detach()
                self.active_keys.add(term.side_key(side))
                totals[driven] = totals[driven] + value if driven in totals else value
        return totals

    def judge_of(self, term: JudgedTerm) -> nn.Module | None:
        """The network that judges for a term; None where the term has no domain and asks for none.

        Raises:
            ValueError: A player that does not judge, or no network of that domain.
        """
        judges = self.judges()
        if term.judge not in judges:
            raise ValueError(f'loss term {term.key!r}: judge={term.judge!r} is none of {list(judges)}')
        if term.domain in judges[term.judge]:
            return judges[term.judge][term.domain]
        if term.two_sided:
            raise ValueError(f'loss term {term.key!r} needs the discriminator of domain {term.domain!r}; there are '
                             f"{list(judges[term.judge])}. Read 'real_*' and 'fake_*', or name one: "
                             "discriminator='<domain>'")
        return None

    @staticmethod
    def _backward(totals: dict[tuple[str, ...], Tensor], parameters: dict[str, list[nn.Parameter]],
                  optim_wrapper: OptimWrapperDict) -> None:
        """Send each sum to exactly the players that it drives."""
        sums = [(drives, total) for drives, total in totals.items() if total.requires_grad]
        for index, (drives, total) in enumerate(sums):
            inputs = [p for player in drives for p in parameters[player]]
            optim_wrapper.backward(total, inputs, retain_graph=index < len(sums) - 1)

    def _check_gradients(self, turn: Turn, parameters: dict[str, list[nn.Parameter]]) -> None:
        """A player that has its first turn and gets no gradient on any process is a mistake of the config.

        One process may have nothing to learn from, say a batch without labels; the others' gradients train it too.
        """
        for player in sorted(self._never_trained.intersection(turn.players)):
            reached = torch.tensor(float(any(parameter.grad is not None for parameter in parameters[player])),
                                   device=self.data_preprocessor.device)
            all_reduce(reached)
            if not reached:
                raise RuntimeError(f'player {player!r} had its turn and none of its parameters got a gradient: no '
                                   'active loss term drives it through a tensor that it helped to make')
        self._never_trained.difference_update(turn.players)
