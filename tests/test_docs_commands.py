"""The commands and the Python of README, docs and configs/*/README.md.

Each command of a Python tool is read by that tool's own parser, with all its seeds and folders, and its config by the
checks of a run, with all ``--cfg-options``. The Python of README and docs/running.md runs, and settings that a page
shows are ones that parts take. test_docs_runs.py runs the commands; what it does not run is in NOT_RUN there.
"""

import argparse
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path

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
from tests.page_commands import BLOCK, PAGES, ROOT, as_script, commands, page_name, written_files
from tests.page_world import write_video


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
    written = written_files(page)
    monkeypatch.chdir(ROOT)
    once = {re.sub(r'\d+', '0', ' '.join(command)): command for command in commands(page, tmp_path)}  # seeds: one
    for command in once.values():
        shown = ' '.join(command)
        command = as_script(command)
        if command[0] == 'bash':
            command = command[1:]
        if command[0].startswith(('.ci/', 'tools/')):
            assert (ROOT / command[0]).is_file(), shown
            assert all((ROOT / one).is_file() for one in command if one.endswith('.py') and '/' in one), shown
            continue
        if command[0] != 'python' or command[1] == '-m' or len(command) == 2:
            continue  # other programs; and tools without arguments, of which some have required ones
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


# Python that runs

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
