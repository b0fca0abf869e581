"""Breaks small configs in seeded ways, trains one iteration with each, and counts what a user would see.

    python tests/fuzz_configs.py --count 156 --seed 0 --show

Outcomes: ``trained``; ``clear``, one line that names the key or value that was broken; ``traceback``, a traceback of an
error that nightgen raised itself and that names it; ``obscure``, anything else, such as an error from inside torch or
mmengine. ``ignored``: trained, and the misspelt key did nothing. The program
under test is the checkout that this file lies in.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import copy
import io
import logging
import random
import runpy
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config

ROOT = Path(__file__).resolve().parents[1]
KINDS = ('delete', 'misspell_key', 'misspell_type', 'wrong_type', 'negative', 'wrong_name')
# What a run is made of; the rest of a config are variables that these parts were made with.
PARTS = ('model', 'optim_wrapper', 'param_scheduler', 'train_cfg', 'train_dataloader', 'val_dataloader',
         'val_evaluator', 'default_hooks', 'custom_hooks', 'randomness', 'env_cfg', 'log_processor', 'visualizer')
SECONDS = 60


class Mutant(NamedTuple):
    """A broken config: the kind, where, and what a good message would name."""

    kind: str
    path: tuple
    names: tuple[str, ...]
    config: dict

    def __str__(self) -> str:
        return f'{self.kind} {".".join(map(str, self.path))} -> {self.names[-1]}'


def places(value: Any, path: tuple = ()) -> Iterator[tuple[tuple, Any]]:
    """Every path below a value, and what is there."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    for key, inner in items:
        yield (*path, key), inner
        yield from places(inner, (*path, key))


def misspell(word: str, rng: random.Random) -> str:
    """A letter left out, doubled, or two of them swapped."""
    index = rng.randrange(max(1, len(word) - 1))
    forms = [word[:index] + word[index + 1:], word[:index] + word[index] + word[index:],
             word[:index] + word[index + 1:index + 2] + word[index] + word[index + 2:]]
    return rng.choice([form for form in forms if form and form != word] or [word + 'x'])


def wrong_type(value: Any, rng: random.Random) -> Any:
    if isinstance(value, (bool, int, float)):
        return rng.choice(['three', [value, value], None])
    if isinstance(value, str):
        return rng.choice([3, None, [value]])
    return rng.choice(['x', 7, None])


def mutate(config: dict, kind: str, rng: random.Random) -> Mutant:
    """A copy of a config with one thing broken."""
    config = copy.deepcopy(config)
    found = [(path, value) for path, value in places({part: config[part] for part in PARTS if config.get(part)})
             if isinstance(path[-1], str)]
    fitting = dict(
        delete=found, misspell_key=found, wrong_type=found,
        misspell_type=[one for one in found if one[0][-1] == 'type'],
        negative=[one for one in found if isinstance(one[1], (int, float)) and not isinstance(one[1], bool)],
        wrong_name=[one for one in found if isinstance(one[1], str) and one[0][-1] != 'type'])[kind]
    path, value = rng.choice(fitting)
    owner = config
    for key in path[:-1]:
        if isinstance(owner[key], tuple):
            owner[key] = list(owner[key])
        owner = owner[key]
    key = path[-1]
    names = [str(key)]
    if kind == 'delete':
        del owner[key]
    elif kind == 'misspell_key':
        names.append(misspell(key, rng))
        config_items = [(names[1] if name == key else name, inner) for name, inner in owner.items()]
        owner.clear()
        owner.update(config_items)
    else:
        owner[key] = dict(
            misspell_type=lambda: misspell(value, rng), wrong_type=lambda: wrong_type(value, rng),
            negative=lambda: -value if value else -1, wrong_name=lambda: misspell(value, rng))[kind]()
        names.append(str(owner[key]))
        if 'reads' in path:  # a message may name what the pattern stands for
            names.append(str(owner[key]).replace('*', 'day'))
    return Mutant(kind, path, tuple(names), config)


def render(folder: Path) -> None:
    """A world of few pictures where the small settings look for theirs."""
    from nightgen.datasets.nightscape import Request, write_dataset
    write_dataset(folder / 'data/nightscape_small', Request((128, 128), 2, 1, 1, seed=1))


def small_configs() -> list[dict]:
    """Shipped small settings with tiny networks, for one iteration of one picture, a validation and a checkpoint."""
    network = dict(base=4)
    shrink = {
        'n2d_lpnet/nightscape_small.py': dict(generator=network, discriminator=network),
        'cyclegan/nightscape_small.py': dict(generator=dict(base=4, num_blocks=1), discriminator=network)}
    made = []
    for name, model in shrink.items():
        cfg = Config.fromfile(ROOT / 'configs' / name)
        cfg.merge_from_dict(dict(
            model=model, train_cfg=dict(max_iters=1, val_interval=1), default_hooks=dict(checkpoint=dict(interval=1)),
            val_evaluator=[dict(type='PSNR')], log_level='ERROR'))
        for loader in ('train_dataloader', 'val_dataloader'):
            cfg[loader].update(batch_size=1, num_workers=0, persistent_workers=False)
        for schedule in cfg.param_scheduler if isinstance(cfg.param_scheduler, list) else [cfg.param_scheduler]:
            schedule.update(begin=0, end=1)
        for part in ('test_dataloader', 'test_evaluator', 'test_cfg'):
            cfg[part] = None
        made.append(cfg.to_dict())
    return made


def alarm(*_: Any) -> None:
    raise TimeoutError(f'no end after {SECONDS} seconds')


def raised_here(error: BaseException) -> bool:
    """Whether nightgen raised it, seen past those who raise it again."""
    while error.__context__ is not None:
        error = error.__context__
    frames = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and frames[-1].startswith((str(ROOT / 'nightgen'), str(ROOT / 'tools')))


def run(mutant: Mutant, folder: Path, clean: Any) -> tuple[str, str]:
    """Train with a mutant as a user would: the outcome, and the last line that was shown."""
    config = folder / 'mutant.py'
    Config(mutant.config).dump(config)
    out, before = io.StringIO(), sys.argv
    sys.argv = ['train.py', str(config), '--work-dir', str(folder / 'work')]
    signal.signal(signal.SIGALRM, alarm)
    signal.alarm(SECONDS)
    kind = 'clear'
    try:
        with contextlib.redirect_stderr(out), contextlib.redirect_stdout(io.StringIO()), \
                contextlib.chdir(folder), warnings.catch_warnings():
            warnings.simplefilter('ignore')
            runpy.run_path(str(ROOT / 'tools/train.py'), run_name='__main__')
    except SystemExit as end:
        if not end.code:
            return ('ignored' if mutant.kind == 'misspell_key' else 'trained'), ''
        message = next((line for line in reversed(out.getvalue().splitlines()) if line.startswith('error:')), '')
    except BaseException as error:
        kind, message = 'traceback', traceback.format_exception_only(error)[-1].strip()
        if not raised_here(error):
            return 'obscure', message
    finally:
        signal.alarm(0)
        sys.argv = before
        clean()
    return (kind if any(name in message for name in mutant.names) else 'obscure'), message


def fuzz(count: int, seed: int, folder: Path, clean: Any) -> Iterator[tuple[Mutant, str, str]]:
    """Yields every mutant with its outcome and message."""
    render(folder)
    configs, rng = small_configs(), random.Random(seed)
    for index in range(count):
        mutant = mutate(configs[index % len(configs)], KINDS[index // len(configs) % len(KINDS)], rng)
        yield mutant, *run(mutant, folder, clean)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--count', type=int, default=156)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--show', action='store_true', help='every mutant with what was said')
    args = parser.parse_args()
    sys.path.insert(0, str(ROOT / 'tests'))
    import mmengine.runner.runner
    from conftest import clear_global_state
    logging.disable(logging.CRITICAL)
    mmengine.runner.runner.collect_env = dict  # asks compilers for their versions
    outcomes: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for mutant, outcome, message in fuzz(args.count, args.seed, Path(folder), clear_global_state):
            outcomes[outcome] += 1
            if args.show:
                print(f'{outcome:10} {mutant}\n           {message[:300]}', flush=True)
    print(dict(sorted(outcomes.items())))


if __name__ == '__main__':
    main()
