"""What a translator does when it does not train: pictures of one domain into another, with what else they bring."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Sequence

import torch
from torch import Tensor, nn

from nightgen.structures import TranslationSample

Direction = tuple[str, str] | str | None
"""(source, target), the target's name, or None for what the method exists for."""

_CHANNELS = dict(image=3, unit=1)  # of an example of a named input, by its kind


class Translating:
    """The part of :class:`~.base.BaseTranslator` that evaluates and translates."""

    input_channels = 3
    """Channels of the picture that the inference network takes."""

    test_time_flip = False
    """Whether evaluation takes the mean of an image's translation and of its mirror image's, mirrored back."""

    def forward(self, inputs: dict[str, Tensor] | Tensor, data_samples: list | None = None,
                mode: str = 'tensor') -> Tensor | list:
        """``tensor``: the translation of a tensor or of a batch's source; ``predict``: samples with ``fake`` filled in.

        Raises:
            ValueError: For another mode; training goes through ``train_step``.
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
        source = sources[0].removeprefix('real_')
        direction = source, self.target_of(source)
        named = self.named_in_batch(inputs, source, direction)
        return inputs[sources[0]], self.translate_for_test(inputs[sources[0]], direction, **named)

    def named_in_batch(self, inputs: dict[str, Tensor], source: str, direction: Direction) -> dict[str, Tensor]:
        """The named inputs that a batch brings: ``label`` as ``label_<source>`` or ``label``."""
        found = {}
        for name in self.named_inputs(direction):
            for entry in (f'{name}_{source}', name):
                if entry in inputs:
                    found.setdefault(name, inputs[entry])
        return found

    def target_of(self, source: str) -> str:
        """What evaluation translates pictures of ``source`` into: the target that the method exists for; from there
        back to its source."""
        usual_source, usual_target = self.default_direction
        return usual_source if source == usual_target else usual_target

    @torch.no_grad()
    def translate(self, x: Tensor, direction: Direction = None, **named: Tensor) -> Tensor:
        """Translate images.

        Args:
            x: N,3,H,W in [-1, 1].
            direction: (source, target), or the target's name; by default what the method exists for.
            **named: Further inputs, as :meth:`named_inputs` lists them.

        Returns:
            N,3,H,W in [-1, 1], clamped.

        Raises:
            TypeError: An input of another name, or a missing one.
            ValueError: If the method does not translate in this direction.
        """
        self.check_named(named, direction)
        return self.inference_network(direction)(x, **named).clamp(-1, 1)

    def translate_for_test(self, x: Tensor, direction: Direction = None, **named: Tensor) -> Tensor:
        """:meth:`translate`, or with :attr:`test_time_flip` the mean over the image and its mirror image.

        Raises:
            ValueError: If an input by name is of kind ``raw``: nothing says how it is mirrored.
        """
        made = self.translate(x, direction, **named)
        if not self.test_time_flip:
            return made
        raw = [name for name in named if self.data_preprocessor.kind_of(name) == 'raw']
        if raw:
            raise ValueError(f'test_time_flip: the inputs {raw} are of kind "raw", and nothing says how to mirror them')
        mirrored = {name: value.flip(-1) for name, value in named.items()}
        return (made + self.translate(x.flip(-1), direction, **mirrored).flip(-1)) / 2

    def named_inputs(self, direction: Direction = None) -> tuple[str, ...]:
        """What the inference network takes by name beside the picture; the data preprocessor knows their kinds.

        An input that the network's ``forward`` has a default for may be missing: it is predicted, or done without.
        """
        return ()

    def check_named(self, named: Collection[str], direction: Direction = None) -> None:
        """Raise TypeError for inputs that the network does not take, or needs and does not get."""
        known = self.named_inputs(direction)
        takes = inspect.signature(self.inference_network(direction).forward).parameters if known else {}
        unknown = sorted(set(named) - set(known))
        missing = [name for name in known if name not in named and takes[name].default is inspect.Parameter.empty]
        if unknown or missing:
            raise TypeError(f'{type(self).__name__} takes {list(known) or "nothing"} by name beside the image; '
                            f'{f"not known: {unknown}" if unknown else f"missing: {missing}"}')

    def inference_network(self, direction: Direction = None) -> nn.Module:
        """The network that :meth:`translate` runs; also what the benchmark times and the FLOP counter counts.

        It is called with the picture and the inputs of :meth:`named_inputs`; :meth:`example_inputs` gives all of them.

        Raises:
            ValueError: If the method does not translate in this direction.
        """
        direction = self.default_direction if direction is None else direction
        target = direction if isinstance(direction, str) else direction[1]
        if target not in self.generators:
            raise ValueError(f'{type(self).__name__} makes {list(self.generators)}, not {target!r} '
                             f'(direction {direction!r})')
        return self.generators[target]

    def example_inputs(self, size: tuple[int, int] = (256, 256), direction: Direction = None,
                       device: str | torch.device = 'cpu') -> tuple[Tensor, dict[str, Tensor]]:
        """A picture of zeros and an example of every named input, for whoever counts, times or exports the network.

        Args:
            size: Height and width.
            direction: As in :meth:`translate`.
            device: Where they are made; ``meta`` makes no data.

        Returns:
            The picture 1,C,H,W, and by name N,C,H,W of a kind's channels, or N,H,W int64 for a label map.

        Raises:
            ValueError: An input of kind ``raw``, of which nothing is known; the translator must give an example itself.
        """
        named = {}
        for name in self.named_inputs(direction):
            kind = self.data_preprocessor.kind_of(name)
            if kind == 'label':
                named[name] = torch.zeros(1, *size, dtype=torch.int64, device=device)
            elif kind in _CHANNELS:
                named[name] = torch.zeros(1, _CHANNELS[kind], *size, device=device)
            else:
                raise ValueError(f'{type(self).__name__}: the input {name!r} is of kind {kind!r}, of which no example '
                                 'can be made; override example_inputs')
        return torch.zeros(1, self.input_channels, *size, device=device), named


def to_uint8(images: Tensor) -> Tensor:
    """[-1, 1] to 0..255, rounded to the nearest level and clamped; same shape."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
