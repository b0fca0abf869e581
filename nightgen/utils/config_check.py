"""Mistakes in a config that can be told from the config alone, before anything is built.

mmengine passes over a top-level key that it does not know, and finds an unknown argument where the part is built, or
where a hook first uses it: after hours. Here every part is compared with the signature of what it names.
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mmengine.config import Config
from mmengine.registry import FUNCTIONS, Registry
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from nightgen import registry

from .errors import UsageError, meant

# What a config may hold beside the arguments of the Runner, whoever reads it.
OTHER_KEYS = ('activation_checkpointing', 'auto_scale_lr', 'best_checkpoint', 'compile', 'custom_imports',
              'efficient_conv_bn_eval', 'inference_shape', 'made_with', 'model_wrapper_cfg')
# The registry of what lies under a key, as far as another key below does not say otherwise.
ROOMS = dict(model=registry.MODELS, model_wrapper_cfg=registry.MODEL_WRAPPERS, dataset=registry.DATASETS,
             datasets=registry.DATASETS, pipeline=registry.TRANSFORMS, transforms=registry.TRANSFORMS,
             pairing=registry.TASK_UTILS, sampler=registry.DATA_SAMPLERS, batch_sampler=registry.DATA_SAMPLERS,
             collate_fn=FUNCTIONS,
             optim_wrapper=registry.OPTIM_WRAPPERS, optimizer=registry.OPTIMIZERS,
             param_scheduler=registry.PARAM_SCHEDULERS, train_cfg=registry.LOOPS, val_cfg=registry.LOOPS,
             test_cfg=registry.LOOPS, default_hooks=registry.HOOKS, custom_hooks=registry.HOOKS,
             val_evaluator=registry.METRICS, test_evaluator=registry.METRICS, visualizer=registry.VISUALIZERS,
             vis_backends=registry.VISBACKENDS, init_cfg=registry.WEIGHT_INITIALIZERS,
             log_processor=registry.LOG_PROCESSORS)
# Arguments that the part's builder adds, or that a registry takes away.
BUILDERS_OWN = {'type', '_scope_', 'force_default_settings'}
# Keys of a part that the part around it reads: of a loss term, a further tensor, a scheduler, an initialisation.
AROUND = dict(losses=None, tensors={'name', 'reads', 'player'}, param_scheduler={'convert_to_iter_based'},
              init_cfg=None)
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
LOADER_KEYS = {*inspect.signature(DataLoader).parameters, 'num_batch_per_epoch', 'disable_subprocess_warning'}
OWN_SCOPES = ('nightgen', 'mmengine')
# Under these keys every dictionary, or every element of a list, is built.
TYPED = ('model', 'generator', 'discriminator', 'dataset', 'sampler', 'batch_sampler', 'collate_fn', 'optimizer',
         'pipeline', 'transforms', 'losses', 'custom_hooks', 'val_evaluator', 'test_evaluator', 'vis_backends')
# Numbers below these, of loops, loaders and logs, would end the run, or make it do what nobody asked for.
LEAST = dict(batch_size=1, num_workers=0, max_iters=1, max_epochs=1, val_interval=1, window_size=1)
DEFAULT_HOOKS = {'runtime_info', 'timer', 'sampler_seed', 'logger', 'param_scheduler', 'checkpoint', 'check', 'finite',
                 'pictures'}
PLAIN_SETTINGS = dict(
    randomness={'seed', 'diff_rank_seed', 'deterministic'},
    env_cfg={'cudnn_benchmark', 'mp_cfg', 'dist_cfg', 'resource_limit'},
    auto_scale_lr={'enable', 'base_batch_size'})


def check_config(cfg: Config) -> None:
    """Check a config that a Runner is built from.

    - Every ``type`` is registered, every argument is one that it takes and is of a kind that its annotation allows.
    - Dataloaders, ``randomness``, ``env_cfg`` and ``auto_scale_lr`` hold keys that are read.

    Not looked into are parts of mmseg's and mmdet's (``type='mmseg.X'``), their whole configs (by ``default_scope``)
    and what experts take as ``config``. What another package's part may mean is let through.

    Raises:
        UsageError: Names the first mistake's place, and what was perhaps meant.
    """
    if cfg.get('default_scope', 'nightgen') not in OWN_SCOPES:
        return
    for key in sorted(known_names() & set(cfg)):
        value = cfg[key]
        if key in LOADERS and isinstance(value, dict):
            _check_loader(key, value)
        elif key in PLAIN_SETTINGS and value is not None:
            _check_names(value, PLAIN_SETTINGS[key], key)
            _check_seed(value.get('seed'))
        elif key == 'default_hooks' and value is not None:
            _check_names(value, DEFAULT_HOOKS, key, takes_any=True)
        if key == 'log_processor' and isinstance(value, dict):
            value = {'type': 'LogProcessor', **value}
        if key in ROOMS or key in LOADERS:
            _check_typed(value, key, key in TYPED)
            for path, part, room in parts(value, key, ROOMS.get(key)):
                _check_part(path, part, room)


def check_names(cfg: Config, options: Mapping | None = None) -> None:
    """Check the top-level names of a config.

    A name is known if the Runner or nightgen reads it. A file may use names of its own: a variable that any of its
    files reads. On the command line there are no variables: an option must change what is there, or be known.

    Args:
        cfg: As read from the file, before ``options`` are merged.
        options: ``--cfg-options``; dots reach inside.

    Raises:
        UsageError: Names what is unknown, and what was perhaps meant.
    """
    known = known_names() | set(cfg.get('made_with') or {})
    for option in options or {}:
        name = option.split('.')[0]
        if name not in known and name not in cfg:
            raise UsageError(f'--cfg-options {option}: the config has no {name!r}{_placed(name, cfg, {*known, *cfg})}')
    for name in cfg:
        if name not in known and not _is_read(name, cfg):
            raise UsageError(f'config {cfg.filename}: nothing reads {name!r}{_placed(name, cfg, {*known, *cfg})}')


def known_names() -> set[str]:
    """Top-level keys that the Runner or nightgen reads."""
    return {*inspect.signature(Runner.__init__).parameters, *OTHER_KEYS} - {'self', 'cfg'}


def _placed(name: str, cfg: Config, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Where a setting of this name stands, else names like it."""
    inside = [f'{key}.{name}' for key in sorted(known_names())
              if isinstance(cfg.get(key), dict) and name in cfg[key]]
    return f' (did you mean {" or ".join(inside)}?)' if inside else meant(name, set(known) - {name}, cutoff)


def _is_read(name: str, cfg: Config) -> bool:
    """Whether the text of the config's files reads a variable.

    A base may offer names that not every child reads, and a file that ``Config.dump`` wrote has the values of variables
    in place of their names: there a name must only not look like a mistake.
    """
    code = re.sub(r'#.*', '', cfg.text or '')
    own = code.rpartition(f'{cfg.filename}\n')[2]
    code = re.sub(r'^[^\'"=()]*\.py$', '', code, flags=re.M)  # mmengine's lines with the files' names
    if re.search(rf'(?:(?<![\w.])|_base_\.){name}\b(?!\s*=[^=])', code):
        return True
    written_here = '_base_' in own and re.search(rf'^{name}\s*=', own, re.M)
    return not written_here and not _placed(name, cfg, known_names(), 0.8)


# Parts

def parts(value: Any, path: str, room: Registry | None) -> Iterator[tuple[str, dict, Registry | None]]:
    """Every dictionary with a ``type`` under a value: its path, itself, the registry of its place."""
    def below(key: str) -> Registry | None:
        return room if room is registry.HOOKS else ROOMS.get(key, room)  # a hook's name may be that of a setting

    if isinstance(value, dict):
        if 'type' in value:
            yield path, value, room
        for key, inner in value.items():
            if isinstance(inner, (dict, list, tuple)) and not (key == 'config' and 'type' in value):
                yield from parts(inner, f'{path}.{key}', below(key))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from parts(inner, f'{path}[{index}]', room)


def _check_typed(value: Any, path: str, typed: bool) -> None:
    """Refuse what is to be built and does not say of what type it is."""
    if isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            _check_typed(inner, f'{path}[{index}]', typed)
    elif isinstance(value, dict):
        if typed and 'type' not in value:
            raise UsageError(f"{path} needs type='<a registered name>'{meant('type', value)}, got {dict(value)}")
        if _is_foreign(value.get('type')):
            return
        hooks, own = path == 'default_hooks', {'optimizer'} if path.startswith('optim_wrapper') else TYPED
        for key, inner in value.items():
            if key not in ('config', 'players') and isinstance(inner, (dict, list, tuple)):
                _check_typed(inner, f'{path}.{key}', key in own or hooks)
    elif typed and value is not None and not isinstance(value, str) and path.split('.')[-1] != 'dataset':
        raise UsageError(f"{path} must be dict(type=...), got {value!r}")


def _is_foreign(name: Any) -> bool:
    """Whether a type is another package's: what its arguments are called says nothing of what they hold."""
    found = _find(name, None) if isinstance(name, str) else None
    return found is not None and found.__module__.split('.')[0] not in OWN_SCOPES


def _check_part(path: str, part: dict, room: Registry | None) -> None:
    name = part['type']
    if not isinstance(name, str):
        if callable(name):
            return
        raise UsageError(f'{path}: type must be the name of a registered class, got {name!r}')
    if name.split('.')[0] not in OWN_SCOPES and '.' in name or part.get('_scope_', 'nightgen') not in OWN_SCOPES:
        return  # another package's, or a path to import
    found = _find(name, room)
    if found is None:
        rooms = [room] if room is not None else _rooms()
        known = {registered for one in rooms for registered in _names_of(one)}
        raise UsageError(f'{path}: no part of type {name!r} is registered{meant(name, known)}. Is it misspelt, or does '
                         "its package miss in the config's custom_imports=dict(imports=[...])?")
    owner = re.split(r'[.\[]', path)
    around = AROUND.get(next((key for key in reversed(owner) if key and not key.endswith(']')), ''), set())
    signature = _signature(found)
    given = set(part) - BUILDERS_OWN - (around or set()) - ({'priority'} if room is registry.HOOKS else set())
    if around is not None:
        _check_names({key: part[key] for key in given}, signature.names, f'{path} ({name})', signature.takes_any)
    for key in sorted(given & set(signature.hints)):
        if not fits(part[key], signature.hints[key]):
            raise UsageError(f'{path}.{key}: {name} takes {_shown(signature.hints[key])}, got {part[key]!r}')
    if room in (registry.LOOPS, registry.LOG_PROCESSORS):
        for key in sorted(given & set(LEAST)):
            _check_least(f'{path}.{key}', part[key], LEAST[key])
    reads = part.get('reads')
    if reads is not None and not fits(reads, dict[str, str]):
        raise UsageError(f"{path}.reads is dict(argument='tensor_name'), got {reads!r}")


def _rooms() -> list[Registry]:
    return [FUNCTIONS, *(room for name, room in vars(registry).items()
                         if isinstance(room, Registry) and not name.startswith('MMENGINE'))]


def _find(name: str, room: Registry | None) -> Any:
    """The registered class or function: of the place's registry, else of any, since a part may hold parts of others."""
    for one in ([room] if room is not None else []) + _rooms():
        found = one.get(name)
        if found is not None:
            return found
    return None


def _names_of(room: Registry | None) -> set[str]:
    names: set[str] = set()
    while room is not None:
        room.import_from_location()
        names |= set(room.module_dict)
        room = room.parent
    return names


class _Signature(typing.NamedTuple):
    names: set[str]
    takes_any: bool
    hints: dict[str, Any]


def _signature(part: Any) -> _Signature:
    """Arguments of a class or function, those of the classes that its ``**kwargs`` go to among them.

    nightgen's and mmengine's hand theirs on. Another package's may do anything with them, and its defaults say less.
    """
    own_part = part.__module__.split('.')[0] in OWN_SCOPES
    names: set[str] = set()
    hints: dict[str, Any] = {}
    constructors = [part] if not inspect.isclass(part) else [
        base.__dict__['__init__'] for base in part.__mro__ if base is not object and '__init__' in base.__dict__]
    takes_any = False
    for constructor in constructors:
        parameters = inspect.signature(constructor).parameters.values()
        open_here = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
        takes_any = open_here or takes_any and not own_part
        flags = {p.name: bool for p in parameters
                 if own_part and isinstance(p.default, bool) and p.annotation is p.empty}
        own = {p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL, p.POSITIONAL_ONLY)}
        # `size: int = None` of other packages means that None is taken too
        optional = {p.name for p in parameters if p.default is None}
        hints = {**{key: typing.Optional[hint] if key in optional else hint  # noqa: UP045
                    for key, hint in {**flags, **_hints(constructor)}.items() if key in own}, **hints}
        names |= own - {'self'}
        if not open_here:
            break
    return _Signature(names, takes_any, hints)


def _hints(constructor: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(constructor)
    except (NameError, TypeError):  # names that are imported for type checkers only
        return {}


def _check_names(given: Mapping, known: set[str], path: str, takes_any: bool = False) -> None:
    """Refuse an unknown name; where any is taken, one that is like a known one that is not given."""
    if not isinstance(given, Mapping):
        raise UsageError(f'{path} must be a dictionary, got {given!r}')
    for name in sorted(set(given) - known):
        hint = meant(name, known - set(given)) if takes_any else meant(name, known)
        if hint or not takes_any:
            raise UsageError(f'{path} takes no {name!r}{hint}; it takes {", ".join(sorted(known))}')


def _check_loader(path: str, loader: dict) -> None:
    _check_names(loader, LOADER_KEYS, path)
    if not loader.get('num_workers') and loader.get('persistent_workers'):
        raise UsageError(f'{path}: persistent_workers=True needs num_workers of 1 or more; with num_workers=0, which '
                         f'loads in the main process, set {path}.persistent_workers=False')
    for key in {'batch_size', 'num_workers'} & set(loader):
        _check_least(f'{path}.{key}', loader[key], LEAST[key])


def _check_seed(seed: Any) -> None:
    if seed is not None and not (fits(seed, int) and 0 <= seed < 2 ** 32):
        raise UsageError(f'the seed (--seed, randomness.seed) must be a whole number from 0 to {2 ** 32 - 1}, got '
                         f'{seed!r}')


def _check_least(path: str, value: Any, least: int) -> None:
    if not fits(value, int) or value < least:
        raise UsageError(f'{path} must be a whole number of at least {least}, got {value!r}')


# Values

def fits(value: Any, hint: Any) -> bool:
    """Whether a config's value may be meant for an annotation. What cannot be told fits."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, one) for one in arguments)
    if origin is typing.Literal:
        return value in arguments
    if hint is None or hint is type(None):
        return value is None
    if hint is bool:
        return isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) or \
            isinstance(value, float) and value.is_integer()
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is str:
        return isinstance(value, str)
    kind = origin or hint
    if not inspect.isclass(kind):
        return True
    if issubclass(kind, Mapping):
        return isinstance(value, Mapping) and (len(arguments) != 2 or all(
            fits(key, arguments[0]) and fits(inner, arguments[1]) for key, inner in value.items()))
    if issubclass(kind, Sequence):
        inner = [one for one in arguments if one is not Ellipsis]
        return isinstance(value, (list, tuple)) and (
            len(set(map(repr, inner))) != 1 or all(fits(one, inner[0]) for one in value))
    # Objects of other classes are made from dictionaries, or have another spelling in a config.
    return not isinstance(value, (bool, int, float, type(None))) or kind in (object, typing.Any)


def _shown(hint: Any) -> str:
    return getattr(hint, '__name__', None) if inspect.isclass(hint) and not typing.get_args(hint) else \
        str(hint).replace('typing.', '').replace('collections.abc.', '')
