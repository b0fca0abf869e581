"""The README and the docs: their example of an extension trains, and the files that they name exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from nightgen.datasets.nightscape import Request, write_dataset
from nightgen.testing import write_pictures
from tests.page_commands import BLOCK, ROOT, page_name

PAGES = [ROOT / 'README.md', *sorted((ROOT / 'docs').glob('*.md'))]

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


def write_example(page: Path, folder: Path, configs: str) -> None:
    """Writes the files of a page's example; ``configs`` stands for ``nightgen::``."""
    for _, block in BLOCK.findall(page.read_text(encoding='utf-8')):
        if block.startswith('# file: '):
            path = folder / block.splitlines()[0].removeprefix('# file: ')
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.replace('nightgen::', configs))


def outside(folder: Path, tool_env: dict[str, str]) -> dict:
    """Where a user's command runs: a folder of their own, which is on Python's path."""
    return dict(cwd=folder, env={**tool_env, 'PYTHONPATH': f'{folder}:{tool_env["PYTHONPATH"]}'}, capture_output=True,
                text=True, timeout=300)


@pytest.mark.parametrize('page', [ROOT / 'README.md', ROOT / 'docs/extending.md'], ids=page_name)
def test_the_extension_trains(page: Path, tmp_path: Path, tool_env: dict[str, str]):
    write_example(page, tmp_path, f'{ROOT}/configs/')
    done = subprocess.run([sys.executable, '-c', TRAIN], **outside(tmp_path, tool_env))
    assert done.returncode == 0, done.stderr
    assert 'loss_mean_colour_day' in done.stdout.split()


def test_a_loss_of_your_own_goes_past_validation(tmp_path: Path, tool_env: dict[str, str]):
    """The README's files and command to the letter, on a small world: two validations, a resume, and the test."""
    write_example(ROOT / 'README.md', tmp_path, 'nightgen::')
    request = Request((128, 128), 2, 1, 1, seed=1)
    write_dataset(tmp_path / 'data/nightscape_small', request)
    options = ['train_dataloader.batch_size=1', 'train_dataloader.num_workers=0',
               'train_dataloader.persistent_workers=False', 'default_hooks.checkpoint.interval=1',
               'train_cfg.val_interval=1', 'train_cfg.max_iters=2', 'param_scheduler.begin=0', 'param_scheduler.end=2']

    def tool(name: str, *arguments: str) -> str:
        command = [sys.executable, str(ROOT / 'tools' / name), 'my_config.py', *arguments, '--cfg-options', *options]
        done = subprocess.run(command, **outside(tmp_path, tool_env))
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    log = tool('train.py')
    assert log.count('Iter(val)') >= 2 and 'loss_mean_colour_day' in log
    assert (tmp_path / 'work_dirs/my_config/iter_2.pth').is_file()
    table = tool('test.py', 'work_dirs/my_config/iter_2.pth')
    assert 'N2DLPNet' in table and (tmp_path / 'work_dirs/my_config/test_iter_2/metrics.json').is_file()


def test_the_worked_examples_train_validate_and_test(tmp_path: Path, tool_env: dict[str, str]):
    """Files and command of the page, on images whose names say the hour; each part is seen at work."""
    write_example(ROOT / 'docs/worked_examples.md', tmp_path, 'nightgen::')
    names = [f'{drive}/{hour:02d}h_{index:06d}.png' for drive in ('one', 'two') for index, hour in
             enumerate((21, 23, 3, 5, 6, 9, 12, 17, 18))]
    write_pictures(tmp_path / 'data/drives', size=(128, 128), names=names)
    options = ['train_dataloader.batch_size=2', 'train_dataloader.num_workers=0', 'crop_size=128',
               'train_dataloader.persistent_workers=False', 'val_dataloader.num_workers=0',
               'val_dataloader.persistent_workers=False', 'train_cfg.max_iters=2', 'train_cfg.val_interval=2',
               'model.generator.base=4', 'model.discriminator.base=4',
               'default_hooks.logger.interval=1']
    command = [sys.executable, str(ROOT / 'tools/train.py'), 'dashcam_config.py', '--cfg-options']
    done = subprocess.run([*command, *options], **outside(tmp_path, tool_env))
    log = done.stdout + done.stderr
    assert done.returncode == 0, log
    assert 'loss_relit_day' in log and re.search(r'Iter\(val\) \[8/8\].*Brightness: \d', log)  # 8 of 18 are nights


@pytest.mark.parametrize('page', PAGES, ids=page_name)
def test_the_files_it_names_exist(page: Path):
    text = page.read_text(encoding='utf-8')
    named = re.findall(r'(?<![\w/.])((?:tools|configs|docs|tests|requirements|nightgen)/[\w/.-]*\w)', text)
    named += [str((page.parent / link).resolve().relative_to(ROOT))
              for link in re.findall(r'\]\((?!https?:)([^)#]+)', BLOCK.sub('', text))]
    named += ['configs/' + name for name in re.findall(r'nightgen::([\w/]+\.py)', text)]
    missing = [name for name in named if not (ROOT / name).exists() and name != 'nightgen/.mim']
    assert not missing


def test_the_index_names_every_page():
    index = (ROOT / 'docs/index.md').read_text(encoding='utf-8')
    assert all(f'({path.name})' in index for path in (ROOT / 'docs').glob('*.md') if path.name != 'index.md')
    assert not [path for path in (ROOT / 'configs').glob('*/README.md') if f'({page_name(path)})' not in index.replace(
        '(../', '(')], 'docs/index.md lists every method: the built pages have no other way to it'


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
