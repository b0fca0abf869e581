"""One listing of pictures: links, circles, special files, hidden files, other formats, pages."""

import logging
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from nightgen.apis.files import find_pictures
from nightgen.apis.folder_evaluation import picture_files
from nightgen.datasets.image_folder import ImageFolderDataset
from nightgen.utils.images import write_image
from nightgen.utils.listing import list_pictures, natural_key

PICTURE = np.zeros((4, 4, 3), np.uint8)


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr('nightgen.utils.listing.print_log',
                        lambda text, logger, level: said.append(text) if level == logging.WARNING else None)
    return said


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_image(str(folder / name), PICTURE)


def test_natural_order():
    names = ['f10.png', 'F9.png', 'a/2.png', 'f9.png']
    assert sorted(names, key=natural_key) == ['a/2.png', 'F9.png', 'f9.png', 'f10.png']


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    """A folder with everything that is no picture, and six that are."""
    folder, elsewhere = tmp_path / 'messy', tmp_path / 'elsewhere'
    make(folder, 'f10.png', 'f9.PNG', 'name.png/inside.jpg')
    make(elsewhere, 'deep/linked.png')
    (folder / 'link').symlink_to(elsewhere, target_is_directory=True)
    (folder / 'file_link.png').symlink_to(elsewhere / 'deep/linked.png')
    (folder / 'name.png' / 'around').symlink_to(folder, target_is_directory=True)
    os.mkfifo(folder / 'pipe.png')
    (folder / 'dangling.png').symlink_to(tmp_path / 'nowhere.png')
    (folder / 'itself.png').symlink_to(folder / 'itself.png')
    make(folder, '.ipynb_checkpoints/f9-checkpoint.png', '._f10.png')
    for name in ('phone.HEIC', 'moving.gif', 'drive.mp4', 'notes.txt', '.DS_Store'):
        (folder / name).touch()
    cv2.imwritemulti(str(folder / 'stack.tif'), [PICTURE, PICTURE, PICTURE])
    return folder


FOUND = ['f9.PNG', 'f10.png', 'file_link.png', 'link/deep/linked.png', 'name.png/inside.jpg', 'stack.tif']


def test_training_translating_and_measuring_list_the_same(messy: Path, warnings: list[str]):
    assert list_pictures(messy) == FOUND
    assert [name for _, name in find_pictures(messy)] == FOUND
    assert list(picture_files(messy)) == [os.path.splitext(name)[0] for name in FOUND]
    dataset = ImageFolderDataset(data_root=str(messy))
    assert [dataset.get_data_info(index)['img_path'] for index in range(len(dataset))] == \
        [str(messy / name) for name in FOUND]
    assert len(warnings) == 4 and len(set(warnings)) == 1  # one line each, the same


def test_what_is_passed_over_is_counted_and_named_once(messy: Path, warnings: list[str]):
    list_pictures(messy)
    said, = warnings
    for words in ('2 hidden: ._f10.png, .ipynb_checkpoints/f9-checkpoint.png', '1 no regular file: pipe.png',
                  '2 a link to nothing: dangling.png, itself.png',
                  '3 a format that is not read as an image: drive.mp4, moving.gif, phone.HEIC',
                  '1 a folder that contains itself by a link: name.png/around',
                  'only the first page is used of 1 with several: stack.tif'):
        assert words in said
    assert 'notes.txt' not in said and 'DS_Store' not in said


def test_nothing_to_say_of_a_clean_folder(tmp_path: Path, warnings: list[str]):
    make(tmp_path, 'a.png', 'b/c.png', 'one.tif')
    assert list_pictures(tmp_path) == ['a.png', 'b/c.png', 'one.tif'] and not warnings
    assert list_pictures(tmp_path, recursive=False) == ['a.png', 'one.tif']
    assert list_pictures(tmp_path, ('.png',), accepts=lambda name: 'b' in name) == ['b/c.png']


def test_long_lists_are_cut(tmp_path: Path, warnings: list[str]):
    for number in range(12):
        (tmp_path / f'{number}.gif').touch()
    assert list_pictures(tmp_path) == []
    assert warnings == [f'{tmp_path}: passed over 12 a format that is not read as an image: 0.gif, 1.gif, 2.gif, '
                        '3.gif, 4.gif, ...']


def test_other_file_backends(warnings: list[str], monkeypatch: pytest.MonkeyPatch):
    """What mmengine lists; hidden files and other formats are told apart there too."""
    monkeypatch.setattr('nightgen.utils.listing.get_file_backend', lambda *args, **kwargs: object())
    monkeypatch.setattr('nightgen.utils.listing.list_dir_or_file',
                        lambda *args, **kwargs: iter(['f10.png', '._f9.png', 'f9.png', 'b.gif', 'a/stack.tif']))
    assert list_pictures('s3://pictures') == ['a/stack.tif', 'f9.png', 'f10.png']
    assert '1 hidden: ._f9.png' in warnings[0] and 'b.gif' in warnings[0]
