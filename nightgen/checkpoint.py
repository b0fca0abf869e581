"""Checkpoint files: loaded without running code from them, written whole, and matched with a network's weights.

torch 2.6 and later load with ``weights_only=True``. mmengine 0.10.7 cannot load what it writes itself then (its
``HistoryBuffer`` pickles name ``getattr``); its maintained fork allows ``getattr`` or falls back to running the file's
code. nightgen writes checkpoints of plain types only, and loads every file with ``weights_only=True``: a file that
carries code is refused unless the user says that it is to be trusted. torch does not read the checksums that it writes
beside the tensors; here they are compared, so that a file of which bytes have changed is not used.
"""

import errno
import os
import pickle
import pickletools
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import barrier, is_main_process
from mmengine.runner.checkpoint import CheckpointLoader, get_deprecated_model_names, get_external_models
from torch import nn
from torch.hub import download_url_to_file, get_dir

from nightgen.compat import plain_numpy_globals
from nightgen.utils.files import whole_file

SHOWN_KEYS = 5
"""How many keys an error about weights names before it counts the rest."""


class CheckpointError(RuntimeError):
    """A checkpoint that cannot be used; the message says why and what to do."""


class UntrustedCheckpointError(CheckpointError):
    """A checkpoint whose pickle names classes or functions that loading would run."""


class CheckpointMismatchError(CheckpointError):
    """A checkpoint of another network."""


# Reading


def load_checkpoint(path: str | os.PathLike, map_location: Any = 'cpu', trusted: bool = False) -> dict:
    """Load a checkpoint file without running code from it.

    Args:
        path: A local file as ``torch.save`` writes it. ``~`` is expanded.
        map_location: As in :func:`torch.load`.
        trusted: Let the file run code (``weights_only=False``): for files of known origin that hold more than tensors
            and plain values, such as the training checkpoints of mmengine itself.

    Returns:
        The dictionary in the file.

    Raises:
        FileNotFoundError: If there is no such file.
        UntrustedCheckpointError: If the file names classes or functions and is not ``trusted``.
        CheckpointError: If the file is empty, truncated, changed since it was written, or no checkpoint.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        what = 'is a folder, not a checkpoint file' if path.is_dir() else 'does not exist'
        raise FileNotFoundError(f'checkpoint {path} {what}')
    if path.stat().st_size == 0:
        raise CheckpointError(f'checkpoint {path} is empty: writing it was interrupted, or a copy failed')
    _check_sums(path)
    trusted = trusted or path.resolve() in _trusted_files
    try:
        if trusted:
            checkpoint = torch.load(path, map_location=map_location, weights_only=False)
        else:
            with torch.serialization.safe_globals(plain_numpy_globals()):
                checkpoint = torch.load(path, map_location=map_location, weights_only=True)
    except MemoryError:
        raise
    except Exception as error:
        raise _explain(path, error) from error
    if not isinstance(checkpoint, dict):
        raise CheckpointError(f'{path} is no checkpoint: it holds a {type(checkpoint).__name__}, not a dictionary')
    return checkpoint


def verify_checkpoint(path: str | os.PathLike) -> None:
    """Check that a file just written is whole and loads without running code; the tensors' values are not read.

    Raises:
        CheckpointError: If not.
    """
    path = Path(path)
    try:
        torch.load(path, map_location='cpu', weights_only=True, mmap=True)
    except Exception as error:
        names = _code_in(path, error)
        if names:
            raise CheckpointError(f'{path} holds objects of {", ".join(names)}, which would not load again; who adds '
                                  'to a checkpoint must add tensors, numbers, strings and containers') from error
        raise CheckpointError(f'{path} cannot be read back after writing it: {_first(error)}') from error


def save_checkpoint(content: Mapping, path: str | os.PathLike) -> None:
    """Write a checkpoint; a file of that name is whole at every moment, and it loads without running code.

    Raises:
        CheckpointError: If it would not load again. Nothing is left behind, and what was there stays.
        OSError: If it could not be written.
    """
    with whole_file(path) as partial:
        try:
            torch.save(content, partial)
        except RuntimeError as error:
            if 'inline_container' not in str(error):  # where torch writes; it tells of a full disk in its own way
                raise
            raise OSError(errno.ENOSPC, f'cannot write checkpoint {path}: the disk is full, or it fails') from error
        verify_checkpoint(partial)


def _check_sums(path: Path) -> None:
    """Compare every record of a file in torch's zip format with its CRC-32.

    Raises:
        CheckpointError: If one differs; a file that was written without checksums (all differ) passes.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            changed = [name for name in names if not _is_as_written(archive, name)]
    except (zipfile.BadZipFile, NotImplementedError):  # the latter: a compression that zipfile does not know
        return  # torch says what is wrong with the archive itself
    if changed and len(changed) < len(names):
        raise CheckpointError(
            f'checkpoint {path} is corrupt: {", ".join(changed[:SHOWN_KEYS])} do(es) not have the checksum that was '
            'written with it. Copy the file again, or take an earlier checkpoint.')


def _is_as_written(archive: zipfile.ZipFile, name: str) -> bool:
    try:
        with archive.open(name) as record:
            while record.read(1 << 20):
                pass
    except zipfile.BadZipFile:
        return False
    return True


def _explain(path: Path, error: Exception) -> CheckpointError:
    """Turn what torch says about a file into what the user can do about it."""
    names = _code_in(path, error)
    if names:
        return UntrustedCheckpointError(
            f'checkpoint {path} carries code: its pickle names {", ".join(names[:SHOWN_KEYS])}'
            f'{f" and {len(names) - SHOWN_KEYS} more" if len(names) > SHOWN_KEYS else ""}, which loading would run, so '
            'it was not loaded. If you trust where the file comes from, load it with '
            'nightgen.checkpoint.load_checkpoint(path, trusted=True), or pass --trust-checkpoint to the tool.')
    with path.open('rb') as file:
        is_zip = file.read(4) == b'PK\x03\x04'
    if is_zip:
        return CheckpointError(f'checkpoint {path} is truncated or corrupt ({path.stat().st_size} bytes): '
                               f'{_first(error)} Copy it again, or take an earlier checkpoint.')
    return CheckpointError(f'{path} is no checkpoint, or a truncated one: {type(error).__name__}: {_first(error)}')


def _first(error: Exception) -> str:
    return str(error).strip().split('\n')[0].split('. ')[0].rstrip('.') + '.'


def _code_in(path: Path, error: Exception) -> list[str]:
    """Names of the classes and functions that a refused file would call; empty if that is not what is wrong with it."""
    if not isinstance(error, pickle.UnpicklingError) or 'Weights only load failed' not in str(error):
        return []
    try:
        named = sorted(torch.serialization.get_unsafe_globals_in_checkpoint(str(path)))
        return [name for name in named if not name.startswith('numpy.')] or named
    except ValueError:  # torch's older file format, or a plain pickle, cannot be listed without loading it
        return [name for name in dict.fromkeys(_named_in_pickle(path)) if not name.startswith(_HARMLESS)]


_HARMLESS = ('torch.', 'collections.OrderedDict', 'numpy.')


def _named_in_pickle(path: Path) -> Iterator[str]:
    """Classes and functions that the pickles at the beginning of a file name; nothing is run."""
    with path.open('rb') as file:
        try:
            while True:  # torch's older format has several, one after the other
                strings: list[str] = []
                for operation, argument, _ in pickletools.genops(file):
                    if operation.name in ('GLOBAL', 'INST'):
                        yield argument.replace(' ', '.')
                    elif operation.name == 'STACK_GLOBAL':
                        yield '.'.join(strings[-2:])
                    elif isinstance(argument, str):
                        strings.append(argument)
        except (ValueError, IndexError, UnicodeDecodeError):  # no further pickle
            return


# mmengine's own loading: Runner.load_checkpoint, Runner.resume, init_cfg=dict(type='Pretrained')

_trusted_files: set[Path] = set()


def trust_checkpoint(path: str | os.PathLike) -> None:
    """Let this one file run code when it is loaded, also by mmengine's Runner. For files of known origin only."""
    _trusted_files.add(Path(path).expanduser().resolve())


def use_safe_loading() -> None:
    """Make mmengine's checkpoint loader read local and downloaded files through :func:`load_checkpoint`.

    ``Runner.resume``, ``Runner.load_checkpoint`` and ``Pretrained`` initialisation then never run code from a file, on
    mmengine and on its fork alike. It goes through mmengine's registry of loaders; nothing is patched.
    """
    CheckpointLoader.register_scheme('', load_from_local, force=True)
    CheckpointLoader.register_scheme(('http://', 'https://'), load_from_http, force=True)
    CheckpointLoader.register_scheme(('open-mmlab://', 'openmmlab://'), load_from_openmmlab, force=True)


def load_from_local(filename: str, map_location: Any = None) -> dict:  # mmengine logs the name without "load_from_"
    return load_checkpoint(filename, map_location)


def fetch_checkpoint(location: str | os.PathLike) -> Path:
    """The file of a checkpoint: a local path as it is, a URL after downloading it once to torch's cache folder.

    Raises:
        FileNotFoundError: If a local file does not exist.
        CheckpointError: If the download fails.
    """
    location = os.fspath(location)
    if not location.startswith(('http://', 'https://')):
        path = Path(location).expanduser()
        if not path.is_file():
            raise FileNotFoundError(f'checkpoint {path} does not exist')
        return path
    target = Path(get_dir()) / 'checkpoints' / location.rsplit('/', 1)[-1].split('?')[0]
    if is_main_process():
        _download(location, target)
    barrier()
    _download(location, target)  # on a machine that does not see the main process's disk
    return target


def load_from_http(filename: str, map_location: Any = None) -> dict:
    return load_checkpoint(fetch_checkpoint(filename), map_location)


def _download(url: str, target: Path) -> None:
    if target.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        download_url_to_file(url, str(target), progress=os.isatty(2))
    except OSError as error:
        raise CheckpointError(f'{url} could not be downloaded ({error}); download it elsewhere and give the path of '
                              f'the file, or put it at {target}') from error


def load_from_openmmlab(filename: str, map_location: Any = None) -> dict:
    name = filename.split('://', 1)[1]
    name = get_deprecated_model_names().get(name, name)
    urls = get_external_models()
    if name not in urls:
        raise CheckpointError(f'{filename}: mmengine knows no model of this name')
    return load_from_http(urls[name], map_location)


# Weights


def weights_of(checkpoint: Mapping, use_ema: bool = True) -> dict[str, torch.Tensor]:
    """Model weights of a checkpoint.

    Args:
        checkpoint: What :func:`load_checkpoint` returned, or a bare state dict.
        use_ema: Put the averaged weights (``checkpoint['ema']``) in place of the live ones where there are any.
    """
    state = checkpoint.get('state_dict', checkpoint)
    state = {key.removeprefix('module.'): value for key, value in state.items()}
    if use_ema and 'state_dict' in checkpoint:
        for name, averaged in checkpoint.get('ema', {}).items():
            state.update({f'{name}.{key}': value for key, value in averaged.items()})
    return state


INFERENCE_ONLY = 'inference_only'
"""Entry of a checkpoint's ``meta``: it holds the networks that translate, not those that judge in training."""
JUDGES = 'discriminators.'
"""What the keys of judging networks begin with in a translator's weights."""
WEIGHTS_OF_TRAINING = (JUDGES, 'extra_tensors.')
"""What the keys of networks begin with that translate nothing: judges, and those of a config's ``tensors``."""
_OF_TRAINING = ('discriminator', 'losses', 'turns', 'players', 'tensors', 'keep')


def model_config_for(checkpoint: Mapping, model: Mapping) -> dict:
    """The config of the model that a checkpoint's weights are of.

    Args:
        checkpoint: What :func:`load_checkpoint` returned.
        model: A translator's config.

    Returns:
        The config as it is; for a checkpoint that was published for inference, without what training alone needs, so
        that nothing of it has to be installed.
    """
    meta = checkpoint.get('meta')
    if not isinstance(meta, Mapping) or not meta.get(INFERENCE_ONLY):
        return dict(model)
    return {key: value for key, value in model.items() if key not in _OF_TRAINING}


def not_finite(state: Mapping[str, torch.Tensor]) -> list[str]:
    """The names of the tensors that hold a NaN or an infinite number."""
    # The least and the greatest element: a NaN spreads to both. Many times faster than isfinite.
    return [name for name, value in state.items() if value.is_floating_point() and value.numel()
            and not all(bool(end.isfinite()) for end in value.aminmax())]


def load_weights(model: nn.Module, checkpoint: Mapping, use_ema: bool = True) -> None:
    """Load a checkpoint's weights into a model, all of them or none.

    Args:
        model: The model, not a distributed wrapper around it.
        checkpoint: What :func:`load_checkpoint` returned, or a bare state dict.
        use_ema: Prefer averaged weights where the checkpoint has them.

    Raises:
        CheckpointMismatchError: If keys or shapes differ; the model is then unchanged.
    """
    state = weights_of(checkpoint, use_ema)
    check_weights(model, checkpoint, state)
    model.load_state_dict(state, strict=True)


def check_weights(model: nn.Module, checkpoint: Mapping, state: Mapping[str, torch.Tensor] | None = None) -> None:
    """Raise :class:`CheckpointMismatchError` if the checkpoint's weights are not exactly those of ``model``."""
    given = weights_of(checkpoint, use_ema=False) if state is None else state
    own = model.state_dict()
    problems = {
        'missing': [key for key in own if key not in given],
        'unexpected': [key for key in given if key not in own],
        'of another shape': [f'{key} {tuple(given[key].shape)} instead of {tuple(own[key].shape)}' for key in own
                             if key in given and hasattr(given[key], 'shape') and given[key].shape != own[key].shape],
        'no tensor': [key for key in own if key in given and not hasattr(given[key], 'shape')],
    }
    if not any(problems.values()):
        return
    lines = [f'{len(keys)} {what}: {", ".join(map(str, keys[:SHOWN_KEYS]))}{", ..." if len(keys) > SHOWN_KEYS else ""}'
             for what, keys in problems.items() if keys]
    meta = checkpoint.get('meta')
    origin = f' (run {meta["experiment_name"]})' if isinstance(meta, Mapping) and meta.get('experiment_name') else ''
    raise CheckpointMismatchError(f'this checkpoint{origin} is of another network than {type(model).__name__} as the '
                                  f'config builds it. {"; ".join(lines)}. Use the config that it was trained with.')
