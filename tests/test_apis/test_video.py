"""Videos: what is read, how frames are grouped, and that a failed result leaves nothing."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from nightgen.apis.video import BrokenVideoError, VideoReader, translate_video


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / 'in.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 12.0, (32, 24))
    for index in range(7):
        writer.write(np.full((24, 32, 3), (0, 0, 30 * index), np.uint8))  # BGR: red
    writer.release()
    return path


def test_frames_are_rgb_and_the_first_is_among_them(video: Path):
    reader = VideoReader(video)
    frames = list(reader.frames)
    reader.close()
    assert (reader.stated, reader.rate, reader.size, len(frames)) == (7, 12.0, (32, 24), 7)
    assert frames[0].mean() < 5 and frames[6][..., 0].mean() > 150 > 50 > frames[6][..., 2].mean()


def test_frames_come_in_batches_and_progress_is_told(video: Path, tmp_path: Path):
    sizes, told = [], []
    count, message = translate_video(VideoReader(video), tmp_path / 'out.avi',
                                     lambda frames: sizes.append(len(frames)) or frames, 3,
                                     progress=lambda: told.append(1))
    assert (count, message, sizes, len(told)) == (7, None, [3, 3, 1], 7)
    assert len(list(VideoReader(tmp_path / 'out.avi').frames)) == 7


def test_an_error_on_the_way_leaves_no_file(video: Path, tmp_path: Path):
    def fail(frames):
        raise RuntimeError('no memory')

    with pytest.raises(RuntimeError, match='no memory'):
        translate_video(VideoReader(video), tmp_path / 'out.avi', fail)
    assert [path.name for path in tmp_path.iterdir()] == ['in.avi']


def test_what_is_no_video(tmp_path: Path):
    (tmp_path / 'noise.mp4').write_bytes(b'noise' * 100)
    with pytest.raises(BrokenVideoError, match='noise.mp4'):
        VideoReader(tmp_path / 'noise.mp4')
