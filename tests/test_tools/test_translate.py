"""tools/translate.py: pictures, folders and videos in; whole results, clear errors and exit statuses out."""

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
import torch

from nightgen.apis import ColorizationInferencer, NightgenInferencer, init_model
from nightgen.apis.video import read_frames
from nightgen.evaluation.functional import frame_change
from nightgen.utils.cli import run_tool
from nightgen.utils.images import read_image, write_image


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """A folder of three small pictures, one of them in a sub-folder."""
    folder = tmp_path / 'night'
    (folder / 'cam').mkdir(parents=True)
    for seed, name in enumerate(('a.png', 'b.png', 'cam/c.png')):
        write_image(str(folder / name), np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8))
    return folder


@pytest.fixture
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool('tools/translate.py')


@pytest.fixture
def translate(tool: ModuleType, tiny_config: Path, tiny_checkpoint: Path) -> Callable[..., int]:
    """The command, in this process, with the tiny model; gives the exit status."""
    return lambda *arguments: call(tool, tiny_config, tiny_checkpoint, *arguments)


def call(tool: ModuleType, *arguments: object) -> int:
    with pytest.raises(SystemExit) as stop:
        run_tool(lambda: tool.main([*map(str, arguments), '--device', 'cpu']), *tool.EXPECTED)
    return stop.value.code


def test_a_folder_keeps_its_structure_and_equals_the_inferencer(translate: Callable, night: Path, tmp_path: Path,
                                                                tiny_config: Path, tiny_checkpoint: Path):
    assert translate(night, tmp_path / 'day', '--batch-size', 2) == 0
    expected = NightgenInferencer(tiny_config, tiny_checkpoint, device='cpu')(night, batch_size=2)['predictions']
    for name, picture in zip(('a.png', 'b.png', 'cam/c.png'), expected, strict=True):
        assert np.array_equal(read_image(str(tmp_path / 'day' / name)), picture)


def test_one_picture_goes_to_a_file_or_into_a_folder(translate: Callable, night: Path, tmp_path: Path):
    assert translate(night / 'a.png', tmp_path / 'new' / 'day.png') == 0
    assert translate(night / 'a.png', tmp_path / 'days') == 0
    assert np.array_equal(read_image(str(tmp_path / 'new' / 'day.png')), read_image(str(tmp_path / 'days' / 'a.png')))


def test_a_shipped_model_needs_its_name_alone(tool: ModuleType, tiny_config: Path, night: Path, tmp_path: Path,
                                              capsys: pytest.CaptureFixture):
    source = next(night.rglob('*.png'))
    assert call(tool, 'n2d_lpnet_night2day', source, tmp_path / 'day.png') == 0
    assert read_image(str(tmp_path / 'day.png')).shape == read_image(str(source)).shape
    assert call(tool, tiny_config, source, tmp_path / 'other.png') == 2
    assert 'comes without weights: give a checkpoint' in capsys.readouterr().err
    assert not (tmp_path / 'other.png').exists()


def test_full_hd_keeps_its_size(translate: Callable, tmp_path: Path):
    write_image(str(tmp_path / 'hd.png'), np.random.randint(0, 256, (1080, 1920, 3), dtype=np.uint8))
    assert translate(tmp_path / 'hd.png', tmp_path / 'out.png') == 0
    assert read_image(str(tmp_path / 'out.png')).shape == (1080, 1920, 3)


def test_a_broken_picture_is_named(translate: Callable, night: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    (night / 'b.png').write_bytes((night / 'b.png').read_bytes()[:200])
    assert translate(night, tmp_path / 'day') == 2
    assert 'b.png' in capsys.readouterr().err
    assert not (tmp_path / 'day' / 'b.png').exists()


def test_skip_broken_counts_and_lists(translate: Callable, night: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    (night / 'b.png').write_bytes((night / 'b.png').read_bytes()[:200])
    (night / 'empty.jpg').touch()
    assert translate(night, tmp_path / 'day', '--skip-broken') == 3
    said = capsys.readouterr()
    assert '2 of 4 images translated' in said.out and '2 skipped' in said.err
    assert 'b.png' in said.err and 'empty.jpg' in said.err
    assert sorted(path.name for path in (tmp_path / 'day').rglob('*.png')) == ['a.png', 'c.png']


def test_skip_broken_goes_past_whatever_fails(translate: Callable, tool: ModuleType, night: Path, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """A dot, a row, and pictures on which the network fails in ways of its own, alone and in a batch."""
    write_image(str(night / 'dot.png'), np.zeros((1, 1, 3), np.uint8))
    write_image(str(night / 'row.png'), np.zeros((1, 24, 3), np.uint8))
    load = tool.load_translation

    def failing(args):
        translation = load(args)

        def run(pictures, named):
            if any(picture.shape[0] == 20 and (picture == b).all() for picture in pictures):
                raise ZeroDivisionError('a mistake in a layer')
            return translation(pictures, named)

        run.model, run.direction = translation.model, translation.direction
        return run

    b = read_image(str(night / 'b.png'))
    monkeypatch.setattr(tool, 'load_translation', failing)
    assert translate(night, tmp_path / 'day', '--skip-broken', '--batch-size', 5) == 3
    said = capsys.readouterr()
    assert '2 of 5 images translated' in said.out and '3 skipped' in said.err
    for name, reason in (('dot.png', ''), ('row.png', ''), ('b.png', 'ZeroDivisionError: a mistake in a layer')):
        assert any(f'{name}: {reason}' in line for line in said.err.splitlines())
    assert sorted(path.name for path in (tmp_path / 'day').rglob('*.png')) == ['a.png', 'c.png']
    with pytest.raises(ZeroDivisionError):  # without it a mistake of the program keeps its traceback
        tool.main([str(tmp_path / name) for name in ('tiny.py', 'tiny.pth', 'night', 'other')] + ['--device', 'cpu'])


def test_a_second_run_goes_on_where_the_first_stopped(translate: Callable, night: Path, tmp_path: Path,
                                                      capsys: pytest.CaptureFixture):
    whole = (night / 'b.png').read_bytes()
    (night / 'b.png').write_bytes(whole[:200])
    assert translate(night, tmp_path / 'day') == 2
    first = (tmp_path / 'day' / 'a.png').stat().st_mtime_ns
    (night / 'b.png').write_bytes(whole)
    assert translate(night, tmp_path / 'day') == 0
    assert '2 of 3 images translated' in (said := capsys.readouterr().out) and ', 1 were there already' in said
    assert (tmp_path / 'day' / 'a.png').stat().st_mtime_ns == first
    assert translate(night, tmp_path / 'day') == 0 and '0 of 3 images' in capsys.readouterr().out
    later = (tmp_path / 'day' / 'b.png').stat().st_mtime + 10
    os.utime(night / 'b.png', (later, later))  # a picture that changed since
    assert translate(night, tmp_path / 'day') == 0 and '1 of 3 images' in capsys.readouterr().out
    assert translate(night, tmp_path / 'day', '--overwrite') == 0
    assert '3 of 3 images' in capsys.readouterr().out and (tmp_path / 'day' / 'a.png').stat().st_mtime_ns > first


def test_results_of_something_else_are_not_gone_on_with(translate: Callable, night: Path, tmp_path: Path,
                                                        tiny_checkpoint: Path, capsys: pytest.CaptureFixture):
    (tmp_path / 'day').mkdir()
    write_image(str(tmp_path / 'day' / 'a.png'), np.zeros((4, 4, 3), np.uint8))
    assert translate(night, tmp_path / 'day') == 2 and '--overwrite' in capsys.readouterr().err
    assert translate(night, tmp_path / 'day', '--overwrite') == 0
    assert translate(night, tmp_path / 'day', '--range', 'minmax') == 2
    tiny_checkpoint.write_bytes(tiny_checkpoint.read_bytes() + b' ')  # other weights
    assert translate(night, tmp_path / 'day') == 2 and '3 of 3 results' in capsys.readouterr().err


def test_a_stated_range(translate: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Counts of a camera: the result is that of the picture which they make over 8 bits, and 'full' warns."""
    said = []
    monkeypatch.setattr('nightgen.utils.counts.print_log', lambda text, logger, level: said.append(text))
    grey = np.arange(20 * 24, dtype=np.uint16).reshape(20, 24) % 256
    write_image(str(tmp_path / 'counts.png'), 7000 + grey)
    write_image(str(tmp_path / 'plain.png'), grey.astype(np.uint8))
    assert translate(tmp_path / 'plain.png', tmp_path / 'expected.png') == 0
    for value_range in ('minmax', '7000,7255'):
        assert translate(tmp_path / 'counts.png', tmp_path / 'day.png', '--range', value_range) == 0
        difference = read_image(str(tmp_path / 'day.png')).astype(int) - read_image(str(tmp_path / 'expected.png'))
        assert np.abs(difference).max() <= 1
    assert said == [] and translate(tmp_path / 'counts.png', tmp_path / 'day.png') == 0
    assert len(said) == 1 and 'less than a tenth' in said[0]
    assert translate(tmp_path / 'counts.png', tmp_path / 'day.png', '--range', 'loud') == 2


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')
def test_a_device_that_is_not_there_is_one_line(tool: ModuleType, tiny_config: Path, tiny_checkpoint: Path, night: Path,
                                                tmp_path: Path, capsys: pytest.CaptureFixture):
    for device in ('cuda', 'cuda:7', 'gpu'):
        with pytest.raises(SystemExit) as stop:
            run_tool(lambda name=device: tool.main([*map(str, (tiny_config, tiny_checkpoint, night, tmp_path / 'day')),
                                                    '--device', name]), *tool.EXPECTED)
        said = capsys.readouterr().err
        assert stop.value.code == 2 and said.startswith(f'error: device {device} cannot be used here: ')
        assert said.count('\n') == 1 and not (tmp_path / 'day').exists()


def test_a_picture_too_small_for_the_network_is_named(translate: Callable, tmp_path: Path,
                                                      capsys: pytest.CaptureFixture):
    write_image(str(tmp_path / 'dot.png'), np.zeros((2, 2, 3), np.uint8))
    assert translate(tmp_path / 'dot.png', tmp_path / 'out') == 2
    assert 'dot.png' in capsys.readouterr().err


@pytest.mark.parametrize(('source', 'out', 'words'), [
    ('nowhere', 'day', 'does not exist'), ('night', 'night', 'overwrite an input'), ('.', 'day', None)])
def test_bad_places(translate: Callable, night: Path, tmp_path: Path, capsys: pytest.CaptureFixture, source: str,
                    out: str, words: str | None):
    status = translate(tmp_path / source, tmp_path / out)
    assert status == (2 if words else 0)
    assert (words or '') in capsys.readouterr().err


def test_the_checkpoint_of_another_network_is_one_line(tool: ModuleType, tiny_config: Path, tiny_checkpoint: Path,
                                                       night: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    other = tmp_path / 'other.py'
    other.write_text(f"_base_ = '{tiny_config}'\nmodel = dict(generator=dict(base=4))\n")
    assert call(tool, other, tiny_checkpoint, night, tmp_path / 'day') == 2
    assert 'another network' in capsys.readouterr().err and not (tmp_path / 'day').exists()


def write_video(path: Path, frames: int, size: tuple[int, int] = (32, 24)) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 12.0, size)
    for index in range(frames):
        writer.write(np.full((size[1], size[0], 3), 20 * index % 256, np.uint8))
    writer.release()


def read_video(path: Path) -> tuple[list[np.ndarray], float]:
    video, frames = cv2.VideoCapture(str(path)), []
    while (read := video.read())[0]:
        frames.append(read[1])
    return frames, video.get(cv2.CAP_PROP_FPS)


@pytest.mark.parametrize('batch_size', [1, 3])
@pytest.mark.parametrize('ending', ['avi', 'mp4'])
def test_a_video_keeps_its_frames_size_and_rate(translate: Callable, tmp_path: Path, batch_size: int, ending: str):
    write_video(tmp_path / 'night.avi', 7)
    out = tmp_path / f'day.{ending}'
    assert translate(tmp_path / 'night.avi', out, '--batch-size', batch_size) == 0
    frames, rate = read_video(out)
    assert len(frames) == 7 and frames[0].shape == (24, 32, 3) and rate == 12.0
    assert [path.name for path in tmp_path.glob('*partial*')] == []


def test_a_steady_video_changes_less(translate: Callable, night: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    still, rng = np.linspace(10, 90, 32)[None, :, None].repeat(24, 0).repeat(3, 2), np.random.default_rng(0)
    writer = cv2.VideoWriter(str(tmp_path / 'night.avi'), cv2.VideoWriter_fourcc(*'MJPG'), 10.0, (32, 24))
    for _ in range(8):
        writer.write((still + rng.normal(0, 4, still.shape)).clip(0, 255).astype(np.uint8))
    writer.release()
    changes = {}
    for options in ((), ('--steady',), ('--steady', '0.3')):
        assert translate(tmp_path / 'night.avi', tmp_path / 'day.avi', *options) == 0
        changes[options] = frame_change(read_video(tmp_path / 'day.avi')[0]).change
    assert changes['--steady',] < changes['--steady', '0.3'] < changes[()]
    assert translate(night, tmp_path / 'out', '--steady') == 2
    assert '--steady works on videos only' in capsys.readouterr().err
    assert translate(tmp_path / 'night.avi', tmp_path / 'day.avi', '--steady', '1') == 2
    assert '--steady is at least 0 and below 1, got 1.0' in capsys.readouterr().err


def test_a_video_goes_into_a_folder(translate: Callable, tmp_path: Path):
    """Under its own name where its kind is written, else as MP4."""
    write_video(tmp_path / 'night.avi', 2)
    (tmp_path / 'night.avi').rename(tmp_path / 'dusk.wmv')  # OpenCV goes by the content
    write_video(tmp_path / 'night.avi', 2)
    for source, result in (('night.avi', 'night.avi'), ('dusk.wmv', 'dusk.mp4')):
        assert translate(tmp_path / source, tmp_path / 'days') == 0
        assert len(read_video(tmp_path / 'days' / result)[0]) == 2


def test_a_kind_of_video_that_is_not_written(translate: Callable, tmp_path: Path, capsys: pytest.CaptureFixture):
    write_video(tmp_path / 'night.avi', 2)
    assert translate(tmp_path / 'night.avi', tmp_path / 'day.wmv') == 2
    assert 'its ending must be one of .mp4' in capsys.readouterr().err


def test_a_file_that_is_no_video_is_named(translate: Callable, tmp_path: Path, capsys: pytest.CaptureFixture):
    (tmp_path / 'noise.mp4').write_bytes(b'noise' * 100)
    assert translate(tmp_path / 'noise.mp4', tmp_path / 'day.mp4') == 2
    assert 'noise.mp4' in capsys.readouterr().err and not (tmp_path / 'day.mp4').exists()


def test_a_video_that_ends_while_it_is_read(translate: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                 capsys: pytest.CaptureFixture):
    write_video(tmp_path / 'night.avi', 8)
    whole = read_frames

    def five(video: cv2.VideoCapture):
        for _, frame in zip(range(5), whole(video), strict=False):
            yield frame

    monkeypatch.setattr('nightgen.apis.video.read_frames', five)
    assert translate(tmp_path / 'night.avi', tmp_path / 'day.avi') == 2
    assert '5 of its 8 frames' in capsys.readouterr().err and not (tmp_path / 'day.avi').exists()
    assert len(read_video(tmp_path / 'day.partial.avi')[0]) == 5  # the work is not lost
    assert translate(tmp_path / 'night.avi', tmp_path / 'day.avi', '--skip-broken') == 3
    assert len(read_video(tmp_path / 'day.avi')[0]) == 5


def test_a_cut_video_is_refused_before_any_work(translate: Callable, tmp_path: Path, capsys: pytest.CaptureFixture):
    write_video(tmp_path / 'night.avi', 30)
    data = (tmp_path / 'night.avi').read_bytes()
    (tmp_path / 'night.avi').write_bytes(data[:len(data) * 2 // 3])
    assert translate(tmp_path / 'night.avi', tmp_path / 'day.avi') == 2
    assert 'night.avi is cut off: the file lacks' in (said := capsys.readouterr().err) and '--skip-broken' in said
    assert not (tmp_path / 'day.avi').exists()
    assert translate(tmp_path / 'night.avi', tmp_path / 'day.avi', '--skip-broken') == 3
    assert 5 < len(read_video(tmp_path / 'day.avi')[0]) < 30


def test_help_has_an_example(tool: ModuleType, capsys: pytest.CaptureFixture):
    assert call(tool, '--help') == 0
    assert 'python tools/translate.py configs/' in capsys.readouterr().out


def test_options_of_pictures_are_refused_with_a_video(translate: Callable, tmp_path: Path,
                                                      capsys: pytest.CaptureFixture):
    write_video(tmp_path / 'night.avi', 2)
    assert translate(tmp_path / 'night.avi', tmp_path / 'day.avi', '--range', 'minmax') == 2
    assert '--range work on images only' in capsys.readouterr().err


def test_photos_with_their_label_maps(tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture):
    """--beside gives a semantic colorizer a map for each photo; a corrected one changes the colours there."""
    torch.manual_seed(0)
    config = tmp_path / 'semantic.py'
    config.write_text("""
default_scope = 'nightgen'
model = dict(
    type='SemanticColorizationTranslator', domains=('color',), label_set='camvid', photo_size=(16, 24),
    generator=dict(type='TwoStreamUNet', widths=(4, 8), num_classes=12, unlabelled=11))
""")
    model = init_model(config)
    with torch.no_grad():
        for parameter in model.generators['chroma'].parameters():
            parameter.mul_(3)  # colours that differ by whole levels
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'weights.pth')
    random = np.random.default_rng(0)
    names = ('a.png', 'walk/b.jpg')
    for folder in ('photos/walk', 'maps/walk'):
        (tmp_path / folder).mkdir(parents=True)
    for name in names:
        write_image(str(tmp_path / 'photos' / name), random.integers(0, 256, (20, 30, 3), dtype=np.uint8))
    label_a, label_b = random.integers(0, 12, (2, 20, 30), np.uint8)
    write_image(str(tmp_path / 'maps/a.png'), label_a)
    command = (config, tmp_path / 'weights.pth', tmp_path / 'photos', tmp_path / 'out')
    beside = ('--beside', f'label={tmp_path / "maps"}')
    assert call(tool, *command, *beside) == 2 and 'maps/walk/b.png' in capsys.readouterr().err
    write_image(str(tmp_path / 'maps/walk/b.png'), label_b[:10])
    assert call(tool, *command, *beside, '--overwrite') == 2 and 'is 10x30; both have' in capsys.readouterr().err
    write_image(str(tmp_path / 'maps/walk/b.png'), label_b)
    assert call(tool, *command, *beside, '--overwrite') == 0
    photos = [read_image(str(tmp_path / 'photos' / name)) for name in names]
    expected = ColorizationInferencer(config, tmp_path / 'weights.pth', device='cpu')(
        photos, named=dict(label=[label_a, label_b]))['predictions']
    first = read_image(str(tmp_path / 'out/a.png'))
    assert np.array_equal(first, expected[0]) and first.shape == (20, 30, 3)
    label_a[:10, :15] = (label_a[:10, :15] + 5) % 11
    write_image(str(tmp_path / 'maps/a.png'), label_a)
    assert call(tool, *command, *beside, '--overwrite') == 0
    changed = np.abs(read_image(str(tmp_path / 'out/a.png')).astype(int) - first).max(-1)
    assert changed[:8, :12].mean() > changed[14:, 20:].mean() and changed[:8, :12].mean() > 0.5
    assert call(tool, *command, '--overwrite') == 2
    assert "missing: ['label']; give them with --beside" in capsys.readouterr().err
