"""tools/test.py: the table, the file of numbers, the pictures."""

import hashlib
import json
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
import torch
from mmengine.runner import Runner
from mmengine.visualization import Visualizer

from nightgen.apis import init_model
from nightgen.checkpoint import CheckpointMismatchError, UntrustedCheckpointError
from nightgen.evaluation.functional import psnr
from nightgen.testing import small_run, write_domains
from nightgen.utils.cli import UsageError


@pytest.fixture(scope='module')
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``data``, a config ``small.py`` and ``run/iter_2.pth``."""
    folder = tmp_path_factory.mktemp('trained')
    cfg = small_run(write_domains(folder / 'data', 4), folder / 'run', max_iters=2)
    night, day = (dict(type='ImageFolderDataset', data_root=str(folder / 'data'), data_prefix=dict(img=name))
                  for name in ('night', 'day'))
    table = dict(type='BaselineTable', metrics=[dict(type='PSNR')], night=night, day=day)
    cfg.test_evaluator = [table, dict(type='PSNR')]
    cfg.dump(folder / 'small.py')
    Runner.from_cfg(cfg).train()
    return folder


def test_table_numbers_and_pictures(tool, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture,
                                    monkeypatch: pytest.MonkeyPatch):
    checkpoint = trained / 'run/iter_2.pth'
    run(tool, monkeypatch, trained / 'small.py', checkpoint, '--out-dir', tmp_path / 'out')
    out = capsys.readouterr().out
    results = json.loads((tmp_path / 'out/metrics.json').read_text())
    assert list(results['metrics']) == ['night_input', 'mean_day_frame', 'gamma', 'histogram_matching', 'N2DLPNet']
    for row in (*results['metrics'], 'PSNR'):
        assert row.replace('_', ' ') in out
    assert results['images'] == 4 and results['weights'] == 'averaged' and results['iteration'] == 2
    assert results['sha256'] == hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    assert cv2.imread(str(tmp_path / 'out/grid.png')) is not None
    assert 0 < results['seconds_per_image'] < 60 and 's to translate an image' in out

    def read(path: Path) -> np.ndarray:
        return cv2.imread(str(path))[..., ::-1]

    scores = {folder: np.mean([psnr(read(root / f'{i:04d}.png'), read(trained / f'data/truth/{i:04d}.png'))
                               for i in range(4)])
              for folder, root in (('N2DLPNet', tmp_path / 'out/images'), ('night_input', trained / 'data/night'))}
    for row, expected in scores.items():
        assert results['metrics'][row]['PSNR'] == pytest.approx(expected, abs=1e-9)


@pytest.fixture
def tool(load_tool) -> ModuleType:
    return load_tool('tools/test.py')


def run(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, 'argv', ['test.py', *map(str, arguments)])
    tool.main()


def test_live_weights_on_request(tool, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    checkpoint = trained / 'run/iter_2.pth'
    for name, flags in (('live', ['--live-weights']), ('averaged', [])):
        run(tool, monkeypatch, trained / 'small.py', checkpoint, '--out-dir', tmp_path / name, '--work-dir',
            tmp_path / 'w', '--cfg-options', f'experiment_name={name}', *flags)
    live, averaged = (json.loads((tmp_path / f'{name}/metrics.json').read_text()) for name in ('live', 'averaged'))
    assert live['weights'] == 'live' and averaged['weights'] == 'averaged'
    assert live['metrics']['N2DLPNet'] != averaged['metrics']['N2DLPNet']
    assert live['metrics']['gamma'] == averaged['metrics']['gamma']


def test_another_networks_checkpoint(tool, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(CheckpointMismatchError, match='generators.day.low'):
        run(tool, monkeypatch, trained / 'small.py', trained / 'run/iter_2.pth', '--out-dir', tmp_path / 'out',
            '--work-dir', tmp_path / 'w', '--cfg-options', 'model.generator.base=8')


def test_files_that_are_not_there_or_carry_code(tool, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    out = ['--out-dir', tmp_path / 'out']
    with pytest.raises(FileNotFoundError, match='none.pth does not exist'):
        run(tool, monkeypatch, trained / 'small.py', tmp_path / 'none.pth', *out)
    with pytest.raises(UsageError, match='none.py does not exist'):
        run(tool, monkeypatch, tmp_path / 'none.py', 'x.pth', *out)
    torch.save(dict(state_dict={}, extra=print), tmp_path / 'evil.pth')
    with pytest.raises(UntrustedCheckpointError, match='carries code'):
        run(tool, monkeypatch, trained / 'small.py', tmp_path / 'evil.pth', *out)


def test_broken_images_are_named_or_counted(tool, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture,
                                            monkeypatch: pytest.MonkeyPatch):
    write_domains(tmp_path / 'data', 3)
    (tmp_path / 'data/night/0001.png').write_bytes(b'no image')
    options = ['--work-dir', tmp_path / 'w', '--out-dir', tmp_path / 'out', '--cfg-options',
               *(f'test_dataloader.dataset.{name}.data_root={tmp_path / "data"}' for name in ('dataset', 'truth'))]
    with pytest.raises(Exception, match='0001.png'):
        run(tool, monkeypatch, trained / 'small.py', trained / 'run/iter_2.pth', *options)
    run(tool, monkeypatch, trained / 'small.py', trained / 'run/iter_2.pth', '--skip-broken', *options,
        'experiment_name=second')
    results = json.loads((tmp_path / 'out/metrics.json').read_text())
    assert results['images'] == 2 and [Path(path).name for path in results['skipped']] == ['0001.png']
    assert '1 images could not be read' in capsys.readouterr().out


def test_a_config_without_a_test(tool, trained: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UsageError, match='has no test_dataloader'):
        run(tool, monkeypatch, trained / 'small.py', 'x.pth', '--cfg-options', 'test_dataloader=None')


# Test-time augmentation and windows

def test_tta_flip_is_the_mean_with_the_mirror_image(tool, trained: Path, tmp_path: Path,
                                                    monkeypatch: pytest.MonkeyPatch):
    checkpoint = trained / 'run/iter_2.pth'
    for name, flags in (('plain', []), ('flip', ['--tta', 'flip'])):
        run(tool, monkeypatch, trained / 'small.py', checkpoint, '--out-dir', tmp_path / name, '--work-dir',
            tmp_path / 'w', *flags, '--cfg-options', f'experiment_name={name}')
    results = {name: json.loads((tmp_path / f'{name}/metrics.json').read_text()) for name in ('plain', 'flip')}
    assert [results[name]['tta'] for name in ('plain', 'flip')] == ['none', 'flip']
    assert results['plain']['metrics']['gamma'] == results['flip']['metrics']['gamma']
    assert results['plain']['metrics']['N2DLPNet'] != results['flip']['metrics']['N2DLPNet']
    model = init_model(trained / 'small.py', checkpoint)
    night = cv2.imread(str(trained / 'data/night/0002.png'))[..., ::-1].copy()
    day, mirrored = (model.translate(torch.from_numpy(image.copy()).permute(2, 0, 1)[None] / 127.5 - 1)[0]
                     for image in (night, night[:, ::-1]))
    expected = ((day + mirrored.flip(-1)) / 2 + 1) * 127.5
    written = cv2.imread(str(tmp_path / 'flip/images/0002.png'))[..., ::-1]
    np.testing.assert_allclose(written, expected.permute(1, 2, 0).numpy(), atol=0.51)


def test_show_opens_a_window_for_each_image(tool, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv('DISPLAY', ':99')
    windows = []
    monkeypatch.setattr(Visualizer, 'show', lambda self, grid, win_name, wait_time: windows.append(
        (grid.shape, Path(win_name).name, wait_time)))
    run(tool, monkeypatch, trained / 'small.py', trained / 'run/iter_2.pth', '--out-dir', tmp_path / 'out',
        '--work-dir', tmp_path / 'w', '--show', '--wait-time', '0.5')
    assert [(name, seconds) for _, name, seconds in windows] == [(f'{index:04d}.png', 0.5) for index in range(4)]
    assert all(shape[1] >= 3 * 40 for shape, _, _ in windows)  # source, translation and truth side by side


def test_show_without_a_display_or_a_time_without_show(tool, monkeypatch: pytest.MonkeyPatch, trained: Path):
    monkeypatch.setattr(sys, 'platform', 'linux')
    for variable in ('DISPLAY', 'WAYLAND_DISPLAY'):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(UsageError, match='--show needs a display'):
        run(tool, monkeypatch, trained / 'small.py', 'x.pth', '--show')
    with pytest.raises(UsageError, match='--wait-time would do nothing'):
        run(tool, monkeypatch, trained / 'small.py', 'x.pth', '--wait-time', '2')
