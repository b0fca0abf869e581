"""The models that a page offers: those that were given and those that are shipped with weights."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config
from page_sessions import Refused

from nightgen.apis import config_path, init_model, list_models, translation_of
from nightgen.checkpoint import CheckpointError
from nightgen.models.experts import MissingPackageError
from nightgen.models.translators import SemanticColorizationTranslator
from nightgen.registry import TRANSLATORS


@dataclass
class Model:
    """A model of the page.

    ``name`` is shown; ``config`` and ``weights`` are what :func:`~nightgen.apis.init_model` takes; ``loaded`` is what
    takes pictures through it, None before it was asked for.
    """

    name: str
    config: str
    weights: str
    loaded: Any = None

    @property
    def title(self) -> str:
        """Name and, once it is known, what it turns into what."""
        if self.loaded is None:
            return self.name
        source, target = self.loaded.model.default_direction
        return f'{self.name}: ' + ('grey to colour' if target == 'chroma' else f'{source} to {target}')

    @property
    def edits_maps(self) -> bool:
        """Whether its colours follow a label map; its config says so, before it is built."""
        described = Config.fromfile(config_path(self.config)).model.type
        return issubclass(TRANSLATORS.get(described), SemanticColorizationTranslator)

    @property
    def translates(self) -> bool:
        """Whether it needs nothing beside a picture, as far as it is known."""
        return self.loaded is None or not self.edits_maps or self.loaded.can_predict


class Models:
    """Models by name, each built when it is first asked for.

    Args:
        given: Configs and checkpoints.
        device: Where they run.
        precision: As ``tools/translate.py`` has it.
        segmentor: Whether semantic colorizers predict their maps, where their configs name a segmentor; without one
            maps are empty at first.

    Attributes:
        running: Held while a network computes: two at once would only wait for each other's memory and cores.

    Raises:
        FileNotFoundError, CheckpointError, MissingPackageError, ValueError: A given model that cannot be built.
    """

    def __init__(self, given: Sequence[tuple[str, str]] = (), device: Any = 'cpu', precision: str = 'fp32',
                 segmentor: bool = True):
        self.device, self.precision, self.segmentor = device, precision, segmentor
        self.running = threading.RLock()
        self.models: dict[str, Model] = {}
        for config, weights in given:
            self._add(Model(Path(config.split('::')[-1]).stem, config, weights))
        for model in self.models.values():
            self._load(model)
        for entry in list_models():
            if entry.weights:
                self._add(Model(entry.name, str(entry.config), entry.weights))

    def _add(self, model: Model) -> None:
        stem, number = model.name, 2
        while model.name in self.models:
            model.name, number = f'{stem} ({number})', number + 1
        self.models[model.name] = model

    def _load(self, model: Model) -> Any:
        with self.running:
            if model.loaded is None:
                config = Config.fromfile(config_path(model.config))
                if model.edits_maps and not self.segmentor:
                    config.model.segmentor = None
                loaded = translation_of(init_model(config, model.weights, self.device), precision=self.precision)
                if model.edits_maps and loaded.can_predict:
                    self._build_segmentor(loaded.model)
                model.loaded = loaded
            return model.loaded

    def _build_segmentor(self, model: SemanticColorizationTranslator) -> None:
        """Now rather than for the first photo, so that what it lacks is told at once."""
        try:
            model.labels.build(self.device)
        except FileNotFoundError as error:
            raise FileNotFoundError(f'the segmentor of this config: {error}; --no-segmentor starts with empty maps'
                                    ) from error

    def translation(self, name: str) -> Any:
        """What takes pictures through the model of a name.

        Raises:
            Refused: There is none, or a shipped one cannot be built.
        """
        if name not in self.models:
            raise Refused(404, f'there is no model {name!r}; there are {", ".join(self.models) or "none"}')
        try:
            return self._load(self.models[name])
        except (CheckpointError, MissingPackageError, OSError, ValueError) as error:
            raise Refused(500, f'the model {name} cannot be loaded: {error}') from error

    def editor_model(self) -> Any:
        """The first model whose colours follow a label map; None if there is none."""
        name = next((name for name, model in self.models.items() if model.edits_maps), None)
        return None if name is None else self.translation(name)

    def titles(self) -> dict[str, str]:
        """Names and what is shown for them, of those that translate a picture alone."""
        return {name: model.title for name, model in self.models.items() if model.translates}
