"""The models that are shipped: their names, configs and weights, read from the model index and its metafiles."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from mmengine.fileio import load

INDEX = 'model-index.yml'
SCOPE = 'nightgen::'


@dataclass(frozen=True)
class ModelEntry:
    """One shipped model.

    ``name`` as in the metafile, ``config`` the path of its config, ``weights`` a path or URL (None where none are
    published), ``collection`` its method, ``results`` what was measured (mmengine's metafile format).
    """

    name: str
    config: Path
    weights: str | None = None
    collection: str | None = None
    results: list = field(default_factory=list)


def shipped_root() -> Path:
    """The folder that holds ``configs`` and the model index: ``nightgen/.mim`` as installed, else the source tree.

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
    root = shipped_root()
    entries = []
    for metafile in load(root / INDEX)['Import']:
        for model in load(root / metafile)['Models']:
            entries.append(ModelEntry(model['Name'], root / model['Config'], model.get('Weights'),
                                      model.get('In Collection'), model.get('Results') or []))
    return [entry for entry in entries if re.search(pattern, entry.name)]


def find_model(name: str) -> ModelEntry | None:
    """The shipped model of this exact name or config, ``nightgen::n2d_lpnet/bdd100k.py`` say; None if there is none."""
    for entry in list_models():
        if name in (entry.name, SCOPE + entry.config.relative_to(shipped_root() / 'configs').as_posix()):
            return entry
    return None


def config_path(name: str | Path) -> Path:
    """The config file that a user means.

    Args:
        name: A path, a shipped config as ``nightgen::n2d_lpnet/bdd100k.py``, or a shipped model's name.

    Raises:
        FileNotFoundError: If it is none of these; lists the names that there are.
    """
    text = str(name)
    path = shipped_root() / 'configs' / text.removeprefix(SCOPE) if text.startswith(SCOPE) else Path(name).expanduser()
    if path.is_file():
        return path
    entry = find_model(text)
    if entry is None:
        names = ', '.join(entry.name for entry in list_models())
        raise FileNotFoundError(f'no config {text}: it is no file and no shipped model; the shipped models are {names}')
    return entry.config
