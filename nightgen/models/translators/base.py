"""The base translator: named tensors, loss terms and turns, and the one training step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmengine.logging import MessageHub
from mmengine.model import BaseModel, ModuleDict
from mmengine.optim import OptimWrapperDict
from torch import Tensor, nn

from nightgen.registry import MODELS
from nightgen.structures import TranslationSample

from .loss_terms import LossTerm, build_terms
from .tensors import Tensors
from .turns import JUDGE, Turn, Turns, require_gradients


class BaseTranslator(BaseModel):
    """Owns the networks, names the tensors, and trains whatever loss terms the config lists.

    A subclass says which tensors there are (:meth:`producers`) and makes each in a method
    ``(domain, tensors) -> Tensor``. Everything else, the training step above all, is written here once.

    Args:
        domains: Names of the domains, as in the dataset.
        generators: Networks keyed by the domain that they make.
        discriminators: Networks keyed by the domain that they judge.
        losses: Loss term configs, see :mod:`nightgen.models.translators.loss_terms`.
        turns: Who steps after whom: tuples of players, or ``dict(players=..., interval=...)``. By default the
            generator, then the discriminator if there is one.
        players: ``dict(name=dict(begin=, end=, by_epoch=))`` for players that are frozen part of the time.
        inputs: Names of batch entries beside ``real_<domain>``.
        tensors: Further tensors: ``dict(type=<a module>, name='mask_*', reads=dict(argument='tensor_name'))``.
        channels_last: Keep networks and images in the channels-last memory format, often faster for convolutions.
        compile_networks: Compile each generator and discriminator (each half of a split generator) in place.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: As in mmengine.
        networks: Further networks of a subclass by attribute name, there before :meth:`player_modules` is asked.

    Raises:
        KeyError, TypeError, ValueError: A config that names what does not exist; each message lists what there is.
    """

    def __init__(self, domains: Sequence[str], generators: nn.ModuleDict, discriminators: nn.ModuleDict,
                 losses: Sequence[dict] = (), turns: Sequence | None = None, players: dict | None = None,
                 inputs: Sequence[str] = (), tensors: Sequence[dict] = (), channels_last: bool = False,
                 compile_networks: bool = False, data_preprocessor: dict | None = None,
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
        for config in tensors:
            self._add_tensor(dict(config))
        self.turns = Turns(self.player_modules(), turns, players or {})
        self.losses = build_terms(losses, self.produced_domains, self.other_domain)
        self._check_terms()
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

    def player_modules(self) -> dict[str, list[nn.Module]]:
        """The networks of each player. A player without a network is left out."""
        modules = {'generator': [self.generators], JUDGE: [self.discriminators]}
        return {player: networks for player, networks in modules.items() if any(len(network) for network in networks)}

    def called_networks(self) -> list[nn.Module]:
        """The modules that producers and terms call: what is worth compiling."""
        return [*self.generators.values(), *self.discriminators.values()]

    # Names

    def other_domain(self, domain: str) -> str:
        """What ``~`` stands for.

        Raises:
            ValueError: If there are more than two domains, so that "the other" means nothing.
        """
        others = [name for name in self.domains if name != domain]
        if len(others) != 1:
            raise ValueError(f"'~' is the other of two domains, and there are {self.domains}")
        return others[0]

    def tensor_names(self) -> list[str]:
        """Every name that a term or a further tensor can read."""
        batch = [f'real_{domain}' for domain in self.domains]
        return sorted({*batch, *self.inputs, *self.producers(), *self.extra_tensors})

    def produce(self, name: str, tensors: Tensors) -> Any:
        """Make the tensor ``name``; only :class:`Tensors` calls this.

        Raises:
            KeyError: If nothing produces it.
        """
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
        pattern, reads = config.pop('name'), dict(config.pop('reads'))
        for domain in (self.produced_domains if '*' in pattern else ('',)):
            name = pattern.replace('*', domain)
            if name in self.tensor_names():
                raise ValueError(f'tensors: {name!r} exists already; choose another name')
            self.extra_tensors[name] = MODELS.build(config)
            self._extra_reads[name] = {
                argument: source.replace('*', domain).replace('~', self.other_domain(domain) if '~' in source else '')
                for argument, source in reads.items()}

    # Checks when the model is built

    def _check_terms(self) -> None:
        names = self.tensor_names()
        for owner, reads in [*((f'loss term {term.key!r}', term.reads) for term in self.losses),
                             *((f'tensor {name!r}', reads) for name, reads in self._extra_reads.items())]:
            unknown = sorted(set(reads.values()) - set(names))
            if unknown:
                raise KeyError(f'{owner} reads {unknown}, which do not exist; there are {names}. '
                               'Batch entries beside real_* are listed under inputs=(...)')
        for term in self.losses:
            if term.two_sided:
                self._judge(term)  # an error now rather than in training
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
        logs = self._empty_logs()
        due = self.turns.due(iteration, epoch, optim_wrapper.accumulate)
        update = optim_wrapper.update_due(iteration)
        try:
            for index, turn in enumerate(due):
                tensors.trainable = require_gradients(parameters, due, index)
                with optim_wrapper.autocast(next(iter(batch.values())).device.type):
                    totals = self._totals(turn, iteration, epoch, tensors, logs)
                self._backward(totals, parameters, optim_wrapper)
                self._check_gradients(turn, parameters)
                if update:
                    for player in turn.players:
                        optim_wrapper[player].step(parameters[player])
                tensors.release(turn.players)
            if update:
                optim_wrapper.after_update()
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

    def _totals(self, turn: Turn, iteration: int, epoch: int, tensors: Tensors,
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
                value = term.evaluate(side, lambda name: tensors.read(name, turn.players), self._judge(term))
                if value.ndim:
                    raise ValueError(f'loss term {term.key!r} returned shape {tuple(value.shape)}; a loss returns a '
                                     '0-d tensor')
                logs[term.side_key(side)] = value.detach()
                totals[driven] = totals[driven] + value if driven in totals else value
        return totals

    def _judge(self, term: LossTerm) -> nn.Module | None:
        """The discriminator of a term's domain; None where the term has no domain and there is none to guess."""
        if term.domain in self.discriminators:
            return self.discriminators[term.domain]
        if term.two_sided:
            raise ValueError(f'loss term {term.key!r} needs the discriminator of domain {term.domain!r}; there are '
                             f"{list(self.discriminators)}. Read 'real_*' and 'fake_*', or name one: "
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
        """A player that has its first turn and gets no gradient is a mistake of the config."""
        for player in self._never_trained.intersection(turn.players):
            if all(parameter.grad is None for parameter in parameters[player]):
                raise RuntimeError(f'player {player!r} had its turn and none of its parameters got a gradient: no '
                                   'active loss term drives it through a tensor that it helped to make')
        self._never_trained.difference_update(turn.players)

    # Translating

    def forward(self, inputs: dict[str, Tensor] | Tensor, data_samples: list | None = None,
                mode: str = 'tensor') -> Tensor | list:
        """``tensor``: the translation of a tensor or of a batch's source; ``predict``: samples with ``fake`` filled in.

        Raises:
            ValueError: For another mode; training goes through :meth:`train_step`.
        """
        if mode == 'tensor':
            return self.translate(inputs) if isinstance(inputs, Tensor) else self._translate_batch(inputs)[1]
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        raise ValueError(f"forward: mode must be 'tensor' or 'predict', got {mode!r}; training uses train_step")

    def val_step(self, data: dict) -> list[TranslationSample]:
        data = self.data_preprocessor(data, False)
        return self.predict(**data)

    test_step = val_step

    @torch.no_grad()
    def predict(self, inputs: dict[str, Tensor], data_samples: Sequence[TranslationSample] | None
                ) -> list[TranslationSample]:
        """Translate a single-domain batch; each sample gets ``source`` and ``fake`` (uint8, 3,H,W)."""
        source, fake = self._translate_batch(inputs)
        samples = data_samples or [TranslationSample() for _ in range(len(fake))]
        for sample, before, after in zip(samples, to_uint8(source), to_uint8(fake), strict=True):
            sample.source, sample.fake = before, after
        return list(samples)

    def _translate_batch(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        sources = [name for name in inputs if name.startswith('real_')]
        if len(sources) != 1:
            raise KeyError(f'evaluation translates one domain at a time, but the batch holds {sorted(inputs)}; use '
                           'SingleDomainDataset')
        domain = sources[0].removeprefix('real_')
        source, target = self.default_direction
        if domain != source:
            source, target = domain, self.other_domain(domain)
        return inputs[sources[0]], self.translate(inputs[sources[0]], (source, target))

    @torch.no_grad()
    def translate(self, x: Tensor, direction: tuple[str, str] | str | None = None) -> Tensor:
        """Translate images.

        Args:
            x: N,3,H,W in [-1, 1].
            direction: (source, target), or the target's name; by default what the method exists for.

        Returns:
            N,3,H,W in [-1, 1], clamped.
        """
        return self.inference_network(direction)(x).clamp(-1, 1)

    def inference_network(self, direction: tuple[str, str] | str | None = None) -> nn.Module:
        """The network that :meth:`translate` runs; also what the benchmark times and the FLOP counter counts.

        Raises:
            ValueError: If the method does not translate in this direction.
        """
        direction = self.default_direction if direction is None else direction
        target = direction if isinstance(direction, str) else direction[1]
        if target not in self.generators:
            raise ValueError(f'{type(self).__name__} makes {list(self.generators)}, not {target!r} '
                             f'(direction {direction!r})')
        return self.generators[target]


def to_uint8(images: Tensor) -> Tensor:
    """[-1, 1] to 0..255, rounded to the nearest level and clamped; same shape."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
