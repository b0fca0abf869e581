"""Prints a config as it is after all its bases are merged, on request with the file that set each key.

    python tools/misc/print_config.py configs/n2d_lpnet/bdd100k_l4.py --origin
"""

import argparse
import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmengine.config import Config

from nightgen.utils.cli import CONFIG_HELP, ConfigOptions, load_config, run_tool
from nightgen.utils.shipped import config_path

OPTIONS = '--cfg-options'


def base_paths(path: Path) -> list[Path]:
    """The files that a text config names as ``_base_``, in order.

    Raises:
        ValueError: If ``_base_`` is no literal string or list of strings.
    """
    for node in ast.parse(path.read_text(encoding='utf-8')).body:
        if isinstance(node, ast.Assign) and any(getattr(target, 'id', None) == '_base_' for target in node.targets):
            try:
                names = ast.literal_eval(node.value)
            except ValueError as error:
                raise ValueError(f'{path}: _base_ must be a string or a list of strings') from error
            names = [names] if isinstance(names, str) else names
            return [config_path(name) if '::' in name else (path.parent / name).resolve() for name in names]
    return []


def leaves(value: Any, prefix: str = '') -> Iterator[tuple[str, Any]]:
    """Every dotted key and its value; a list is one value, since a config replaces it whole."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f'{prefix}.{key}' if prefix else str(key))
    else:
        yield prefix, value


def origins(path: Path) -> dict[str, Path]:
    """The file in which each key got its value: the deepest one after which it did not change any more."""
    inherited: dict[str, tuple[Any, Path]] = {}
    for base in base_paths(path):
        values = dict(leaves(Config.fromfile(base).to_dict()))
        inherited.update({key: (values[key], origin) for key, origin in origins(base).items()})
    own = {}
    for key, value in leaves(Config.fromfile(path).to_dict()):
        before = inherited.get(key)
        own[key] = before[1] if before is not None and before[0] == value else path
    return own


def shown_path(path: Path) -> str:
    """The path from here where that is shorter."""
    return min(os.path.relpath(path), str(path), key=len)


def print_origins(path: Path, options: dict | None) -> None:
    """One line for each key: its value and the file that set it."""
    origin = {key: shown_path(file) for key, file in origins(path).items()}
    cfg = Config.fromfile(path)
    before = dict(leaves(cfg.to_dict()))
    cfg.merge_from_dict(options or {})
    rows = [(key, value, origin[key] if key in before and before[key] == value else OPTIONS)
            for key, value in leaves(cfg.to_dict())]
    for key, value, file in rows:
        print(f'{key} = {value!r}  # {file}')


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help=CONFIG_HELP)
    parser.add_argument('--origin', action='store_true', help='one line per key, with the file that set it')
    parser.add_argument(OPTIONS, nargs='+', action=ConfigOptions, help='settings in place of those of the config')
    args = parser.parse_args(arguments)
    path = config_path(args.config)
    if args.origin:
        print_origins(path, args.cfg_options)
    else:
        print(load_config(args.config, args.cfg_options, any_names=True).pretty_text)


if __name__ == '__main__':
    run_tool(main, OSError, ValueError, KeyError)
