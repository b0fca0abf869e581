"""What is shipped beside the code: configs and tools, and the models of the index with their names and weights."""

import os
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

INDEX = 'model-index.yml'
SCOPE = 'nightgen::'


@dataclass(frozen=True)
class ModelEntry:
    """One shipped model.

    ``name`` as in the metafile, ``config`` the path of its config, ``weights`` a path or URL (None where none are
    published), ``collection`` its method, ``results`` what was measured (mmengine's metafile format), ``terms`` under
    which the weights may be used, in a sentence.
    """

    name: str
    config: Path
    weights: str | None = None
    collection: str | None = None
    results: list = field(default_factory=list)
    terms: str | None = None

    @property
    def size(self) -> int | None:
        """Bytes of the weight file; None where there is none here."""
        return Path(self.weights).stat().st_size if self.weights and Path(self.weights).is_file() else None

    @property
    def scores(self) -> dict[str, float]:
        """All that was measured, by metric and dataset: ``APCE on BDD100K nights``."""
        return {f'{metric} on {result["Dataset"]}': value for result in self.results
                for metric, value in result['Metrics'].items()}

    @property
    def scoped_config(self) -> str:
        """The config as it is named from anywhere: ``nightgen::n2d_lpnet/bdd100k.py``."""
        return SCOPE + self.config.relative_to(shipped_root() / 'configs').as_posix()


def shipped_root() -> Path:
    """The folder that holds ``configs``, ``tools`` and the model index: ``nightgen/.mim`` as installed, else the source
    tree.

    Raises:
        FileNotFoundError: If neither has them, which says that the installation is incomplete.
    """
    package = Path(__file__).resolve().parents[1]
    for root in (package / '.mim', package.parent):
        if (root / INDEX).is_file() and (root / 'configs').is_dir():
            return root
    raise FileNotFoundError(f'no configs beside the package {package} or in its .mim; install nightgen again')


def list_models(pattern: str = '') -> list[ModelEntry]:
    """The shipped models whose name contains a match of the regular expression ``pattern``, in order of the index."""
    from mmengine.fileio import load  # not for those who only ask where the tools are
    root = shipped_root()
    entries = []
    for metafile in load(root / INDEX)['Import']:
        for model in load(root / metafile)['Models']:
            weights = model.get('Weights')
            weights = str(root / weights) if weights and '://' not in weights else weights
            entries.append(ModelEntry(model['Name'], root / model['Config'], weights, model.get('In Collection'),
                                      model.get('Results') or [], (model.get('Metadata') or {}).get('Terms')))
    return [entry for entry in entries if re.search(pattern, entry.name)]


def find_model(name: str) -> ModelEntry | None:
    """The shipped model of this exact name or config, ``nightgen::n2d_lpnet/bdd100k.py`` say; None if there is none."""
    for entry in list_models():
        if name in (entry.name, entry.scoped_config):
            return entry
    return None


def shipped_weights(name: str | os.PathLike) -> str | None:
    """The weights that come with a config, named as :func:`config_path` takes it; None where it has none.

    Raises:
        FileNotFoundError: No such config.
    """
    config = config_path(name).resolve()
    return next((entry.weights for entry in list_models() if entry.weights and entry.config.resolve() == config), None)


def weights_path(name: str, given: str | None = None) -> str:
    """The weight file that a user means: what was given, else what comes with the config.

    Raises:
        FileNotFoundError: No such config; or no file was given and none is shipped, with the models that have weights.
    """
    found = given or shipped_weights(name)
    if found:
        return found
    names = ', '.join(entry.name for entry in list_models() if entry.weights)
    raise FileNotFoundError(f'{name} comes without weights: give a checkpoint, or a model that has some: {names}')


def config_path(name: str | os.PathLike) -> Path:
    """The config file that a user means.

    Args:
        name: A path, a shipped config as ``nightgen::n2d_lpnet/bdd100k.py``, or a shipped model's name.

    Raises:
        FileNotFoundError: If it is none of these; says which models have names like it.
    """
    text = os.fspath(name)
    path = shipped_root() / 'configs' / text.removeprefix(SCOPE) if text.startswith(SCOPE) else Path(name).expanduser()
    if path.is_file():
        return path
    entry = find_model(text)
    if entry is None:
        near = get_close_matches(text, [entry.name for entry in list_models()], cutoff=0.5)
        hint = f' (did you mean {", ".join(near)}?)' if near else ''
        raise FileNotFoundError(
            f'config {text} does not exist: it is no file and no shipped model{hint}; `nightgen models` lists these')
    return entry.config
