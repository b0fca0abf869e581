"""The README and the docs: their example of an extension trains, and the files that they name exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / 'README.md', *sorted((ROOT / 'docs').glob('*.md'))]
BLOCK = re.compile(r'^```(\w+)\n(.*?)^```', re.M | re.S)

TRAIN = """
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from nightgen.registry import MODELS, OPTIM_WRAPPER_CONSTRUCTORS
init_default_scope('nightgen')
cfg = Config.fromfile('my_config.py')
model = MODELS.build(cfg.model)
constructor = OPTIM_WRAPPER_CONSTRUCTORS.build(dict(
    type=cfg.optim_wrapper.pop('constructor'), optim_wrapper_cfg=cfg.optim_wrapper))
images = {name: [torch.randint(0, 255, (3, 128, 128), dtype=torch.uint8)] for name in ('real_night', 'real_day')}
print(*model.train_step(dict(inputs=images), constructor(model)))
"""


def page_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize('page', [ROOT / 'README.md', ROOT / 'docs/extending.md'], ids=page_name)
def test_the_extension_trains(page: Path, tmp_path: Path, tool_env: dict[str, str]):
    for _, block in BLOCK.findall(page.read_text(encoding='utf-8')):
        if block.startswith('# file: '):
            path = tmp_path / block.splitlines()[0].removeprefix('# file: ')
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.replace("'nightgen::", f"'{ROOT}/configs/"))
    env = {**tool_env, 'PYTHONPATH': f'{tmp_path}:{tool_env["PYTHONPATH"]}'}
    done = subprocess.run([sys.executable, '-c', TRAIN], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 'loss_mean_colour_day' in done.stdout.split()


@pytest.mark.parametrize('page', PAGES, ids=page_name)
def test_the_files_it_names_exist(page: Path):
    text = page.read_text(encoding='utf-8')
    named = re.findall(r'(?<![\w/.])((?:tools|configs|docs|tests|requirements|nightgen)/[\w/.-]*\w)', text)
    named += [str((page.parent / link).resolve().relative_to(ROOT))
              for link in re.findall(r'\]\((?!https?:)([^)#]+)', text)]
    named += ['configs/' + name for name in re.findall(r'nightgen::([\w/]+\.py)', text)]
    missing = [name for name in named if not (ROOT / name).exists() and name != 'nightgen/.mim']
    assert not missing


@pytest.mark.parametrize('page', PAGES, ids=page_name)
def test_the_options_it_shows_exist(page: Path, repo_root: Path):
    """Every --option of a Python tool in a shell block is one that the tool's source defines."""
    shared = (repo_root / 'nightgen/utils/cli.py').read_text(encoding='utf-8')
    for language, block in BLOCK.findall(page.read_text(encoding='utf-8')):
        commands = re.findall(r'^python (tools/\S+\.py)((?:.*\\\n)*.*)$', block, re.M) if language == 'bash' else []
        for command in commands:
            source = (repo_root / command[0]).read_text(encoding='utf-8') + shared
            unknown = [option for option in re.findall(r'(?<!\S)--[a-z-]+', command[1]) if f"'{option}'" not in source]
            assert not unknown, f'{command[0]} has no {unknown}'


def test_the_index_names_every_page():
    index = (ROOT / 'docs/index.md').read_text(encoding='utf-8')
    assert all(f'({path.name})' in index for path in (ROOT / 'docs').glob('*.md') if path.name != 'index.md')


def test_the_losses_page_names_every_loss_and_what_it_reads():
    import inspect

    from nightgen.models import losses
    page = (ROOT / 'docs/losses.md').read_text(encoding='utf-8')
    rows = dict(re.findall(r'^\| `(\w+)\(.*?\)` \| (.*?) \|', page, re.M))
    classes = {name for name in losses.__all__ if name.endswith('Loss')}
    assert set(rows) == classes
    for name in classes - {'AdversarialLoss', 'WeightedCrossEntropyLoss'}:
        parameters = inspect.signature(getattr(losses, name).forward).parameters.values()
        wanted = [p.name for p in parameters if p.default is p.empty and p.name not in ('self', 'discriminator')]
        assert rows[name].strip('`').split(', ') == wanted, name
