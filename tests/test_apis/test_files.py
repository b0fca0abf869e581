"""Finding pictures, naming results, and results that are whole or not there."""

from pathlib import Path

import numpy as np
import pytest

from nightgen.apis import files
from nightgen.utils.images import read_image


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (6, 7, 3), dtype=np.uint8)


def test_a_folder_is_searched_in_natural_order(tmp_path: Path):
    for name in ('b/f10.png', 'b/f9.PNG', 'a.jpg', 'notes.txt'):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert [name for _, name in files.find_pictures(tmp_path)] == ['a.jpg', 'b/f9.PNG', 'b/f10.png']
    assert files.find_pictures(tmp_path / 'a.jpg') == [(tmp_path / 'a.jpg', 'a.jpg')]


def test_missing_and_empty_folders_are_named(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match='nowhere does not exist'):
        files.find_pictures(tmp_path / 'nowhere')
    with pytest.raises(FileNotFoundError, match='no image in'):
        files.find_pictures(tmp_path)


def test_results_keep_a_colour_format():
    assert files.output_name('a/b.JPG') == 'a/b.JPG'
    assert files.output_name('a/b.pgm') == 'a/b.png'


def test_results_overwrite_neither_inputs_nor_each_other(tmp_path: Path):
    with pytest.raises(ValueError, match='overwrite an input'):
        files.check_targets([tmp_path / 'x' / '..' / 'a.png'], [tmp_path / 'a.png'])
    with pytest.raises(ValueError, match='two results'):
        files.check_targets([tmp_path / 'i.png'], [tmp_path / 'a.png', tmp_path / 'a.png'])


def test_a_picture_is_written(tmp_path: Path):
    files.write_picture(tmp_path / 'new' / 'a.png', picture())
    assert np.array_equal(read_image(str(tmp_path / 'new' / 'a.png')), picture())
    assert [path.name for path in (tmp_path / 'new').iterdir()] == ['a.png']


def test_a_failed_write_leaves_the_old_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    target = tmp_path / 'a.png'
    files.write_picture(target, picture())

    def full_disk(path: str, image: np.ndarray) -> None:
        Path(path).write_bytes(b'half')
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(files, 'write_image', full_disk)
    with pytest.raises(OSError, match='No space left'):
        files.write_picture(target, picture(1))
    assert np.array_equal(read_image(str(target)), picture())
    assert [path.name for path in tmp_path.iterdir()] == ['a.png']
