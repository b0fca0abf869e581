"""Settings of a config that stand in several of its parts: one name at the top level, kept in step with them.

A data set's file of ``configs/_base_/datasets`` writes its folder, crop size and pipelines into every data loader, and
records in ``made_with`` what it wrote. Where a child config or ``--cfg-options`` gives one of these names another
value, :func:`settle` puts it wherever the recorded one stands.
"""

from typing import Any

from mmengine.config import Config

RECORD = 'made_with'
_TRAINING, _TESTING = ('train_dataloader',), ('val_dataloader', 'test_dataloader')
# Where each setting acts. Pipelines come first: a new one may hold the recorded crop size and folder.
PLACES = dict(
    train_pipeline=_TRAINING, test_pipeline=_TESTING, crop_size=_TRAINING, allow_missing=(*_TRAINING, *_TESTING),
    data_root=(*_TRAINING, *_TESTING, 'val_evaluator', 'test_evaluator'))
_KEYS = dict(train_pipeline='pipeline', test_pipeline='pipeline', crop_size='crop_size', allow_missing='allow_missing')


def plain(value: Any) -> Any:
    """A value for comparison: without the scopes that mmengine adds to what is inherited, and lists as tuples."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if key != '_scope_'}
    return tuple(plain(inner) for inner in value) if isinstance(value, list | tuple) else value


def _replace(value: Any, name: str, old: Any, new: Any, places: list[str]) -> Any:
    """A copy of a part of a config with a setting's new value where the old one stands; adds a line to ``places``."""
    def at(key: Any, inner: Any) -> Any:
        folder = old.rstrip('/') if name == 'data_root' else ''
        if folder and isinstance(inner, str) and (inner == old or inner.startswith(f'{folder}/')):
            places.append(inner)
            return new.rstrip('/') + inner[len(folder):]
        if name in _KEYS and key == _KEYS[name] and plain(inner) == plain(old):
            places.append(key)
            return new
        return _replace(inner, name, old, new, places)

    if isinstance(value, dict):
        return {key: at(key, inner) for key, inner in value.items()}
    return [at(None, inner) for inner in value] if isinstance(value, list | tuple) else value


def _with(cfg: Config, name: str, old: Any, new: Any) -> dict[str, Any]:
    """The parts of a config in which a setting's old value stands, with the new one."""
    changed = {}
    for part in PLACES[name]:
        places: list[str] = []
        made = _replace(cfg.get(part), name, old, new, places)
        if places:
            changed[part] = made
    return changed


def changed_settings(cfg: Config) -> list[str]:
    """Settings of a config whose top-level value its parts do not have: they take no effect as they stand.

    Raises:
        ValueError: a setting that no part of this config uses, or a folder that is no string.
    """
    record = cfg.get(RECORD)
    if not record:
        return []
    idle = [name for name in PLACES if name not in record and cfg.get(name) is not None]
    if idle:
        raise ValueError(f'{" and ".join(idle)} of the config can take no effect: its data use {", ".join(record)}')
    if 'data_root' in record and not isinstance(cfg.get('data_root'), str):
        raise ValueError(f'data_root is a folder, got {cfg.get("data_root")!r}')
    differing = [name for name in PLACES if name in record and plain(cfg.get(name)) != plain(record[name])]
    return [name for name in differing
            if _with(cfg, name, record[name], cfg[name]) or not _with(cfg, name, cfg[name], cfg[name])]


def settle(cfg: Config) -> None:
    """Puts top-level settings of a config into all its parts, in place; the record then says so.

    ``data_root`` is replaced in data loaders and evaluators wherever the recorded folder, or a path below it, stands;
    ``crop_size`` in the training data; ``allow_missing`` in all data; ``train_pipeline`` and ``test_pipeline`` in the
    data they are for. What a config changed in a single part (``train_dataloader.dataset.night.data_root``) stays as it
    is.

    Raises:
        ValueError: a setting that can take no effect; says where to set it.
    """
    for name in PLACES:
        if name not in changed_settings(cfg):
            continue
        old, new = cfg[RECORD][name], cfg[name]
        changed = _with(cfg, name, old, new)
        if not changed:
            raise ValueError(f'{name}={new!r} can take no effect: {old!r}, in whose place it comes, stands nowhere in '
                             f'{", ".join(PLACES[name])}; set it there')
        for part, value in changed.items():
            cfg[part] = value
        record = {**cfg[RECORD], name: new}
        if name == 'crop_size' and 'train_pipeline' in record:  # which holds it too
            cfg.train_pipeline = record['train_pipeline'] = _replace(cfg.train_pipeline, name, old, new, [])
        cfg[RECORD] = record
