"""The commands and the Python of README, docs and configs/*/README.md.

Every block of shell runs in bash with its programs replaced by one that writes down its arguments. Each command of a
Python tool is then read by that tool's own parser, and its config by the checks of a run, with all ``--cfg-options``.
The commands of FLOWS run as they are written, on small data and with documented options that shorten them; the others
run in the tests of their tools, or not at all for the reason in NOT_RUN.
"""

import argparse
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from nightgen.apis import init_model
from nightgen.models.translators.loss_terms import TERM_ARGUMENTS
from nightgen.registry import LOSSES
from nightgen.testing import write_pictures
from nightgen.utils.cli import load_config
from nightgen.utils.config_check import check_config

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / 'README.md', ROOT / 'CONTRIBUTING.md', *sorted((ROOT / 'docs').glob('*.md')),
         *sorted((ROOT / 'configs').glob('*/README.md'))]
# What starts a whole set-up, a whole suite or a cluster's job: no test can. The launch scripts run on the CPU in
# tests/test_tools/test_launch_scripts.py, with a stand-in for Slurm's srun.
NOT_RUN = {
    'bash tools/quickstart.sh': 'sets up and trains for minutes; each of its commands has a test of its tool',
    'bash tools/run_tests.sh': 'would run the tests from inside the tests',
    'bash tools/misc/setup_env.sh': 'installs packages',
    'bash .ci/run': 'would run the tests from inside the tests',
    '.ci/checks': 'run by .ci/run after the tests',
    'pip install': 'installs packages; tests/test_packaging.py installs nightgen in a folder of its own',
}
BLOCK = re.compile(r'^```(\w+)\n(.*?)^```', re.M | re.S)
INDENTED = re.compile(r'(?:^    (?:python|tools/|bash|[A-Z]=).*\n(?:^    .*\n)*)+', re.M)
PROGRAMS = r'(?m)(?:^|(?<=[ ;]))(?<!bash )(?=(?:python|bash|pip|nightgen|git|docker|mkvmerge) |tools/\S+\.sh|\.ci/)'
RECORD = 'record() { printf "%s\\0" "$@"; printf "\\n"; }\nset -eu\n'


def page_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands(page: Path, cwd: Path) -> list[list[str]]:
    """The commands of a page with the arguments that bash would give them: loops run, variables are filled in."""
    text = page.read_text(encoding='utf-8')
    blocks = [block for language, block in BLOCK.findall(text) if language in ('bash', 'sh')]
    blocks += [re.sub(r'(?m)^    ', '', block) for block in INDENTED.findall(BLOCK.sub('', text))]
    blocks += re.findall(r'`(python tools/[^`]+)`', BLOCK.sub('', text))
    found = []
    for block in blocks:
        script = RECORD + re.sub(PROGRAMS, 'record ', block)
        done = subprocess.run(['bash', '-c', script], cwd=cwd, capture_output=True, text=True)
        assert done.returncode == 0, f'{page_name(page)}: {done.stderr}\n{block}'
        found += [line.split('\0')[:-1] for line in done.stdout.splitlines()]
    return found


class Parsed(Exception):
    """Carries what a tool's parser made of its command line."""


def parsed(load_tool: Callable, monkeypatch: pytest.MonkeyPatch, tool: str, arguments: list[str]) -> argparse.Namespace:
    """The namespace of a tool's own parser; fails with the parser's message."""
    parse = argparse.ArgumentParser.parse_args

    def stop(self: argparse.ArgumentParser, args: list[str] | None = None, namespace: object = None) -> None:
        raise Parsed(parse(self, args, namespace))

    with monkeypatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, 'parse_args', stop)
        patch.setattr(sys, 'argv', [tool, *arguments])
        module = load_tool(tool)
        with pytest.raises(Parsed) as caught:
            module.main()
    return caught.value.args[0]


@pytest.mark.parametrize('page', PAGES, ids=page_name)
def test_every_command_is_one_that_its_tool_takes(page: Path, load_tool: Callable, monkeypatch: pytest.MonkeyPatch,
                                                  tmp_path: Path, capsys: pytest.CaptureFixture):
    written = {name for _, block in BLOCK.findall(page.read_text(encoding='utf-8'))
               for name in re.findall(r'^# file: (\S+)', block)}
    monkeypatch.chdir(ROOT)
    once = {re.sub(r'\d+', '0', ' '.join(command)): command for command in commands(page, tmp_path)}  # seeds: one
    for command in once.values():
        shown = ' '.join(command)
        if any(shown.startswith(start) for start in NOT_RUN) or command[0] in ('git', 'docker', 'mkvmerge'):
            continue
        if command[0].endswith('.sh'):
            assert all((ROOT / one).is_file() for one in command if one.endswith(('.sh', '.py')))
            continue
        assert command[0] == 'python', f'{shown}: list it in NOT_RUN with the reason, or run it'
        try:
            options = parsed(load_tool, monkeypatch, command[1], command[2:])
        except SystemExit:
            pytest.fail(f'{shown}: {capsys.readouterr().err}')
        config = getattr(options, 'config', None)
        if isinstance(config, str) and config not in written and config != 'CONFIG':
            cfg = load_config(config, getattr(options, 'cfg_options', None))
            init_default_scope('nightgen')
            check_config(cfg)


# Python blocks

def settings(block: str) -> Config:
    """A block of a config as one that can be checked: pieces of a part get the part around them."""
    block = re.sub(r',\s*\.\.\.(?=\))', '', block).replace('=...', '=[]')
    block = re.sub(r'\*_base_\.[\w.]+,?\s*', '', block)
    values: dict = {}
    exec(block, {}, values)  # a page of this repository
    if 'tensors' in values:
        values.setdefault('model', {})['tensors'] = values.pop('tensors')
    domains = {name: values.pop(name) for name in ('thermal', 'night', 'day', 'color') if name in values}
    if 'dataset' in values or domains:
        values['train_dataloader'] = dict(dataset=values.pop('dataset', dict(type='UnpairedDataset', **domains)))
    if 'model' in values:
        values['model'].setdefault('type', 'MornGANTranslator')
    loader = values.get('train_dataloader', {})
    if 'dataset' in loader:
        loader['dataset'].setdefault('type', 'UnpairedDataset')
    for name in ('network', 'days', 'delay'):
        values.pop(name, None)
    return Config(dict(values, default_scope='nightgen'))


FRAGMENTS = [(page, block) for page in PAGES for language, block in BLOCK.findall(page.read_text(encoding='utf-8'))
             if language == 'python' and not block.startswith(('# file: ', 'from ', 'import '))]


@pytest.mark.parametrize(('page', 'block'), FRAGMENTS,
                         ids=[f'{page_name(page)}-{index}' for index, (page, _) in enumerate(FRAGMENTS)])
def test_settings_that_a_page_shows_are_ones_that_parts_take(page: Path, block: str):
    cfg = settings(block)
    assert len(cfg) > 1, 'the block sets nothing that the check knows'
    init_default_scope('nightgen')
    check_config(cfg)
    for term in cfg.get('model', {}).get('losses', ()):
        loss = LOSSES.get(term['type'])
        assert set(term) - set(TERM_ARGUMENTS) - {'type'} <= set(inspect.signature(loss).parameters), term
        assert hasattr(loss, 'generator') or not {'pool', 'discriminator_weight'} & set(term), term
        called_with = ('real', 'fake') if hasattr(loss, 'generator') else inspect.signature(loss.forward).parameters
        assert set(term['reads']) <= set(called_with), term


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the repository's tools and configs, as a user has it."""
    for name in ('tools', 'configs'):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_checkpoint(config: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(state_dict=init_model(Config.fromfile(config)).state_dict(), meta={}), path)


def write_video(path: Path, frames: int = 3) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'mp4v'), 10, (64, 48))
    for index in range(frames):
        writer.write(np.full((48, 64, 3), 40 * index, np.uint8))
    writer.release()


# Commands and Python that run

SHORT = ['--cfg-options', 'train_cfg.max_iters=2', 'train_cfg.val_interval=2', 'train_dataloader.batch_size=2',
         'train_dataloader.num_workers=0', 'train_dataloader.persistent_workers=False', 'val_dataloader.num_workers=0',
         'val_dataloader.persistent_workers=False', 'test_dataloader.num_workers=0',
         'test_dataloader.persistent_workers=False', 'default_hooks.checkpoint.interval=2']
SMALL = ['model.generator.base=4', 'model.discriminator.base=4']


@pytest.fixture
def run(load_tool: Callable, monkeypatch: pytest.MonkeyPatch, fresh_state: Callable) -> Callable[..., None]:
    """``run(command, *further)``: a recorded command in this process, with options that shorten it."""
    def call(command: list[str], *further: str) -> None:
        fresh_state()
        monkeypatch.setattr(sys, 'argv', [*command[1:], *further])
        load_tool(command[1]).main()

    return call


def found(page: str, tool: str, cwd: Path) -> list[list[str]]:
    return [command for command in commands(ROOT / page, cwd) if command[:2] == ['python', f'tools/{tool}']]


def options_of(command: list[str], *further: str) -> list[str]:
    """``further`` behind the ``--cfg-options`` that the command has already, or behind new ones."""
    return [*SHORT[1 if '--cfg-options' in command else 0:], *further]


def test_your_own_two_folders(place: Path, run: Callable, capsys: pytest.CaptureFixture):
    """README: training, testing and translating a video; another folder and crop; the keys of the config."""
    for folder in ('data/my_images/train/night', 'data/my_images/test/night', 'data/my_images/train/day',
                   'data/elsewhere/train/night', 'data/elsewhere/test/night', 'data/days/train/day'):
        write_pictures(place / folder, number=3, size=(200, 200))
    train, elsewhere = found('README.md', 'train.py', place)[:2]
    run(train, *options_of(train, *SMALL, 'crop_size=128'))
    trained = place / 'work_dirs/mine/iter_2.pth'
    trained.rename(trained.with_name('iter_300000.pth'))
    test, = found('README.md', 'test.py', place)
    run(test, *options_of(test, *SMALL))
    assert (place / 'results/metrics.json').is_file() and len(list((place / 'results/images').iterdir())) == 3
    run(elsewhere, *options_of(elsewhere, *SMALL, 'work_dir=other', 'param_scheduler=None'))
    logged = (place / 'other').glob('*/vis_data/config.py')
    assert 'data/days' in next(logged).read_text()
    print_config, = found('README.md', 'misc/print_config.py', place)
    capsys.readouterr()
    run(print_config)
    assert 'configs/_base_/datasets/image_folders.py' in capsys.readouterr().out


def test_a_small_world_is_rendered_trained_tested_and_translated(place: Path, run: Callable):
    """docs/running.md and docs/nightscape.md."""
    render, check = found('docs/nightscape.md', 'dataset_converters/nightscape.py', place)
    run(render, '--size', '128x128', '--train', '3', '--val', '1', '--test', '1', '--workers', '1')
    run(check)
    (place / 'data/nightscape').rename(place / 'data/nightscape_small')
    first, _ = found('docs/running.md', 'train.py', place)
    run(first, *options_of(first, *SMALL, 'param_scheduler=None'))
    trained = place / 'work_dirs/first/iter_2.pth'
    trained.rename(trained.with_name('iter_400.pth'))
    test, = found('docs/running.md', 'test.py', place)
    run(test, *options_of(test, *SMALL))
    results = json.loads((place / 'results/metrics.json').read_text())
    assert results['images'] == 1 and 'N2DLPNet' in results['metrics']


def python_block(page: str, beginning: str) -> str:
    block, = [block for language, block in BLOCK.findall((ROOT / page).read_text(encoding='utf-8'))
              if language == 'python' and block.startswith(beginning)]
    return block


def test_from_python(place: Path):
    """The README's lines and those of docs/running.md, with weights as they are at the start."""
    write_checkpoint('configs/n2d_lpnet/nightscape_small.py', place / 'work_dirs/quickstart/iter_400.pth')
    write_checkpoint('configs/n2d_lpnet/bdd100k.py', place / 'work_dirs/bdd100k/iter_300000.pth')
    write_checkpoint('configs/cgan_colorization/nightscape_small.py', place / 'work_dirs/nightscape_small/iter_400.pth')
    write_pictures(place, names=['night.png', 'a.png', 'folder/b.png', 'old_photos/c.jpg'], size=(64, 64))
    write_video(place / 'night.mp4')
    seen: dict = {}
    exec(python_block('README.md', 'from nightgen.apis'), seen)
    assert seen['day'].shape == (64, 64, 3) and seen['day'].dtype == np.uint8
    seen = dict(array=np.zeros((64, 64, 3), np.uint8))
    exec(python_block('docs/running.md', 'from nightgen.apis'), seen)
    assert len(seen['days']) == 3 and len(list((place / 'days').rglob('*.png'))) == 3
    assert (place / 'day.mp4').stat().st_size > 0 and list((place / 'in_colour').rglob('c.*'))
