"""Builds a trained model of mmseg, mmdet or another OpenMMLab package; nightgen's own names stay as they were."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import importlib
import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config, ConfigDict
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import DATASETS, MODELS, DefaultScope
from torch import nn
from torch.nn.modules.utils import consume_prefix_in_state_dict_if_present

from nightgen.checkpoint import CheckpointMismatchError, fetch_checkpoint, load_checkpoint

INSTALL = dict(mmseg='pip install mmsegmentation==1.2.2 ftfy regex', mmdet='pip install mmdet==3.3.0')
"""How to get the packages that experts usually come from; both need mmcv 2.1.0 with its compiled operators."""


class MissingPackageError(ImportError):
    """The package of an expert is not installed, or does not import; the message says what to install."""


class BuiltExpert(NamedTuple):
    """A model with its weights, the config it came from, and what is recorded about it."""

    network: nn.Module
    config: Config
    card: dict[str, Any]


def import_package(name: str) -> None:
    """Import an OpenMMLab package and its models.

    The registries find a package by themselves, but swallow the reason when it does not import: a type would then just
    not be in the registry.

    Raises:
        MissingPackageError: It cannot be imported.
    """
    try:
        importlib.import_module(name)
        if importlib.util.find_spec(f'{name}.models') is not None:
            importlib.import_module(f'{name}.models')
    except (ImportError, AssertionError) as error:  # mmseg and mmdet assert the version of mmcv
        reason = f'{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else "no message"}'
        install = INSTALL.get(name, f'install the package {name}')
        raise MissingPackageError(
            f'this expert is a model of {name}, which does not import here ({reason}). In a checkout `bash '
            f'tools/misc/setup_env.sh full` adds it; elsewhere `{install}`, and mmcv 2.1.0 with its operators, whose '
            'command `nightgen doctor` has. Experts are needed for metrics and pseudo-labels only.') from error


@contextlib.contextmanager
def scope(name: str) -> Iterator[None]:
    """Names resolve in the package ``name`` inside, and as before after it, whatever happens inside."""
    with DefaultScope.overwrite_default_scope(name):
        yield


def shipped_file(name: str | Path) -> Path | None:
    """The file that ``package::path`` means: ``path`` below the configs that the package ships.

    Returns:
        Its path, or None if ``name`` has no ``package::``.

    Raises:
        MissingPackageError: The package is not installed.
        FileNotFoundError: It ships no such file.
    """
    package, separator, inside = str(name).partition('::')
    if not separator:
        return None
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingPackageError(f'{name}: the package {package} is not installed; '
                                  f'{INSTALL.get(package, "install it")}')
    root = Path(next(iter(spec.submodule_search_locations)))
    folders = [root / '.mim' / 'configs', root.parent / 'configs']  # as installed, and in a source tree
    for folder in folders:
        if (folder / inside).is_file():
            return folder / inside
    raise FileNotFoundError(f'{name}: {package} ships no {inside}; looked in {folders[0]} and {folders[1]}')


def read_config(config: str | Path | Mapping, cfg_options: Mapping | None = None) -> Config:
    """A config of one's own to work on.

    Args:
        config: A path, ``'mmseg::<path below its configs>'``, or a dictionary: a whole config, or its ``model`` alone.
        cfg_options: Changes, dotted keys reach inside.
    """
    if isinstance(config, Mapping):
        content = copy.deepcopy(dict(config))
        read = Config(dict(model=content) if 'model' not in content else content)
    else:
        path = shipped_file(config) or Path(config).expanduser()
        if not path.is_file():
            raise FileNotFoundError(f'the expert config {config} does not exist')
        read = Config.fromfile(str(path))
    read.merge_from_dict(dict(cfg_options or {}))
    return read


def strip_pretrained(config: Any) -> Any:
    """Set every ``pretrained`` and ``init_cfg`` inside to None, in place: the expert's own weights come afterwards."""
    if isinstance(config, dict):
        for key, value in config.items():
            config[key] = None if key in ('pretrained', 'init_cfg') else strip_pretrained(value)
    elif isinstance(config, (list, tuple)):
        for value in config:
            strip_pretrained(value)
    return config


def package_of(config: Config) -> str:
    """The package that a config's names are of: its ``default_scope``, or the prefix of the model's type.

    Raises:
        ValueError: It says neither.
    """
    model = config.get('model') or {}
    found = config.get('default_scope') or model.get('_scope_')
    if not found and '.' in str(model.get('type', '')):
        found = model['type'].split('.', 1)[0]
    if not found:
        raise ValueError("the expert's config does not say which package its names are of; give "
                         "default_scope='mmseg' (or 'mmdet') in it")
    return found


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open('rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest() if hasattr(hashlib, 'file_digest') else \
            hashlib.sha256(file.read()).hexdigest()


def load_all_weights(network: nn.Module, checkpoint: Mapping, where: str, ignore: Sequence[str] = ()) -> None:
    """Load a checkpoint, or raise.

    Unlike ``checkpoint.load_weights`` it lets the modules of old model versions rename their own keys while loading.

    Args:
        network: A freshly built network.
        checkpoint: With ``state_dict``, or a bare state dict.
        where: Its name, for the message.
        ignore: Regular expressions of keys that may be missing or left over.

    Raises:
        CheckpointMismatchError: Keys missing or left over, or of another shape.
    """
    state = checkpoint.get('state_dict', checkpoint)
    consume_prefix_in_state_dict_if_present(state, 'module.')
    problems = []
    try:
        missing, unexpected = network.load_state_dict(state, strict=False)
    except RuntimeError as error:
        problems = [line.strip() for line in str(error).splitlines()[1:]]
    else:
        for what, keys in (('missing', missing), ('unexpected', unexpected)):
            keys = [key for key in keys if not any(re.search(pattern, key) for pattern in ignore)]
            if keys:
                problems.append(f'{len(keys)} {what}: {", ".join(keys[:5])}{", ..." if len(keys) > 5 else ""}')
    if problems:
        raise CheckpointMismatchError(
            f'the checkpoint {where} is not of the expert that the config builds ({type(network).__name__}): '
            f'{"; ".join(problems[:5])}. Give the checkpoint that belongs to the config; keys that are known not to '
            'matter go into ignore_keys, as regular expressions.')


def find_classes(checkpoint: Mapping, config: Config) -> tuple[str, ...] | None:
    """A model's classes as its checkpoint records them, else as the dataset of its config names them, else None."""
    meta = checkpoint.get('meta') or {}
    recorded = (meta.get('dataset_meta') or {}).get('classes') or meta.get('CLASSES')
    if recorded:
        return (recorded,) if isinstance(recorded, str) else tuple(recorded)
    for key in ('test_dataloader', 'val_dataloader', 'train_dataloader'):
        dataset = (config.get(key) or {}).get('dataset') or {}
        while dataset.get('dataset'):
            dataset = dataset['dataset']
        classes = (dataset.get('metainfo') or {}).get('classes')
        if not classes and dataset.get('type'):
            with DATASETS.switch_scope_and_registry(None) as registry:
                kind = registry.get(dataset['type']) if isinstance(dataset['type'], str) else dataset['type']
            classes = (getattr(kind, 'METAINFO', None) or {}).get('classes')
        if classes:
            return (classes,) if isinstance(classes, str) else tuple(classes)
    return None


def build_expert(config: str | Path | Mapping, checkpoint: str | Path, classes: Sequence[str] | None = None,
                 cfg_options: Mapping | None = None, sha256: str | None = None, trusted: bool = False,
                 ignore_keys: Sequence[str] = ()) -> BuiltExpert:
    """Build a model of another OpenMMLab package with its weights.

    Args:
        config: See :func:`read_config`.
        checkpoint: A path, a URL (downloaded once), or ``'package::path'`` beside a package's configs.
        classes: Names of the model's classes; None for what the checkpoint or the config says.
        cfg_options: Changes to the config.
        sha256: What the checkpoint's hash must be (its beginning suffices).
        trusted: Let the checkpoint file run code when it is loaded; see ``checkpoint.load_checkpoint``.
        ignore_keys: See :func:`load_all_weights`.

    Returns:
        The network, in no particular mode, the config, and the card: plain values that say what this is.

    Raises:
        MissingPackageError, FileNotFoundError, CheckpointError, ValueError: each says what to do.
    """
    read = read_config(config, cfg_options)
    package = package_of(read)
    import_package(package)
    path = shipped_file(checkpoint) or fetch_checkpoint(checkpoint)
    digest = sha256_of(path)
    if sha256 is not None and not digest.startswith(sha256.lower()):
        raise CheckpointMismatchError(f'the checkpoint {path} has the SHA-256 {digest}, not {sha256}: it is another '
                                      'file, or a damaged one')
    weights = load_checkpoint(path, trusted=trusted)
    with scope(package):
        network = revert_sync_batchnorm(MODELS.build(ConfigDict(strip_pretrained(read.model))))
        load_all_weights(network, weights, str(checkpoint), ignore_keys)
        names = tuple(classes) if classes is not None else find_classes(weights, read)
    if not names:
        raise ValueError(f'neither the checkpoint {checkpoint} nor the config names the classes of the model; give '
                         'classes=[...] in the order of its outputs')
    shown = str(config) if not isinstance(config, Mapping) else f'inline {read.model.get("type")}'
    card = dict(package=package, config=shown, checkpoint=str(checkpoint), sha256=digest, classes=list(names))
    return BuiltExpert(network, read, card)
