"""Files to files: failures one by one, what lies beside a picture, and runs that go on."""

import os
from pathlib import Path

import numpy as np
import pytest

from nightgen.apis.folder_translation import RECORD, Job, PictureError, outstanding, translate_files, write_record
from nightgen.utils.images import BrokenImageError, read_image, write_image


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    """Five pictures of one value each, 0 to 4."""
    (tmp_path / 'in').mkdir()
    for value in range(5):
        write_image(str(tmp_path / f'in/{value}.png'), np.full((4, 6, 3), value, np.uint8))
    return [Job(tmp_path / f'in/{value}.png', tmp_path / f'out/{value}.png', str(value)) for value in range(5)]


def brighter(pictures: list, named: dict) -> list:
    """Adds 100; fails on a batch that holds the value 2."""
    if any(picture.max() == 2 for picture in pictures):
        raise RuntimeError('a network\nin many lines')
    return [picture + np.uint8(100) for picture in pictures]


@pytest.mark.parametrize('batch_size', [1, 3, 9])
def test_one_that_fails_does_not_take_its_batch_along(jobs: list[Job], batch_size: int):
    told = []
    failed = translate_files(jobs, brighter, batch_size, keep_going=True, progress=lambda: told.append(1))
    assert failed == [f'{jobs[2].source}: a network'] and len(told) == 5
    for value in (0, 1, 3, 4):
        assert (read_image(str(jobs[value].target)) == value + 100).all()
    assert not jobs[2].target.exists()


def test_without_leave_to_go_on_it_stops_by_name(jobs: list[Job]):
    with pytest.raises(PictureError, match='2.png: a network$'):
        translate_files(jobs, brighter)
    assert jobs[1].target.exists() and not jobs[3].target.exists()
    jobs[1].source.write_bytes(b'rubbish')
    with pytest.raises(BrokenImageError, match='1.png'):
        translate_files(jobs, brighter)
    with pytest.raises(TypeError, match='a mistake'):  # a mistake of the program keeps its type
        translate_files(jobs[:1], lambda pictures, named: (_ for _ in ()).throw(TypeError('a mistake')))


def test_a_full_disk_stops_in_any_case(jobs: list[Job], monkeypatch: pytest.MonkeyPatch):
    def full(target: Path, picture: np.ndarray) -> None:
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr('nightgen.apis.folder_translation.write_picture', full)
    with pytest.raises(OSError, match='No space'):
        translate_files(jobs, brighter, keep_going=True)


def test_what_lies_beside_goes_with_its_picture(jobs: list[Job]):
    seen = []

    def look(pictures: list, named: dict) -> list:
        seen.append([(int(picture.max()), int(label)) for picture, label in zip(pictures, named['label'], strict=True)])
        return brighter(pictures, named)

    def beside(key: str) -> dict:
        if key == '3':
            raise BrokenImageError.of('3.png', 'no label map')
        return dict(label=np.array(10 * int(key)))

    failed = translate_files(jobs, look, 2, keep_going=True, beside=beside)
    assert seen == [[(0, 0), (1, 10)], [(2, 20), (4, 40)], [(2, 20)], [(4, 40)]] and len(failed) == 2


def test_what_is_outstanding(jobs: list[Job], tmp_path: Path):
    made_by, out = dict(sha256='1'), tmp_path / 'out'
    assert outstanding(jobs, out, made_by) == jobs and not out.exists()
    write_record(out, made_by)
    translate_files(jobs[:3], lambda pictures, named: pictures)
    assert outstanding(jobs, out, made_by) == jobs[3:]
    assert outstanding(jobs, out, made_by, overwrite=True) == jobs
    write_record(out, made_by)  # says nothing new: the results stay results
    assert outstanding(jobs, out, made_by) == jobs[3:]
    later = jobs[1].target.stat().st_mtime + 5
    os.utime(jobs[1].source, (later, later))
    assert outstanding(jobs, out, made_by) == [jobs[1], *jobs[3:]]
    with pytest.raises(ValueError, match=r'3 of 5 results .* of other weights or options, the first is .*0.png'):
        outstanding(jobs, out, dict(sha256='2'))
    assert outstanding(jobs, out, dict(sha256='2'), overwrite=True) == jobs
    (out / RECORD).unlink()
    with pytest.raises(ValueError, match='--overwrite'):
        outstanding(jobs, out, made_by)


def test_a_stopped_overwrite_leaves_no_old_result_among_the_new(jobs: list[Job], tmp_path: Path):
    """Two of five are made anew with other weights, then the run is stopped; the next one makes the other three."""
    out = tmp_path / 'out'
    write_record(out, dict(sha256='1'))
    translate_files(jobs, lambda pictures, named: pictures)
    for job in jobs:
        os.utime(job.target, (1e9, 1e9))  # long ago
    write_record(out, dict(sha256='2'), overwrite=True)
    translate_files(jobs[:2], lambda pictures, named: pictures)
    assert outstanding(jobs, out, dict(sha256='2')) == jobs[2:]
