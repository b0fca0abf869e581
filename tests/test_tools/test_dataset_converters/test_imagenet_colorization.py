"""tools/dataset_converters/imagenet_colorization.py on a tree of three classes."""

from pathlib import Path
from types import ModuleType

import pytest

from nightgen.datasets import ImageFolderDataset
from nightgen.utils.cli import UsageError

CLASSES = ('n01440764', 'n01443537', 'n15075141')


@pytest.fixture
def tool(load_tool) -> ModuleType:
    return load_tool('tools/dataset_converters/imagenet_colorization.py')


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for number, name in enumerate(CLASSES):
        (tmp_path / 'train' / name).mkdir(parents=True)
        for index in range(20):
            (tmp_path / f'train/{name}/{name}_{index}.JPEG').touch()
            (tmp_path / 'val').mkdir(exist_ok=True)
        for index in range(4):
            (tmp_path / f'val/ILSVRC2012_val_{4 * number + index + 1:08d}.JPEG').touch()
    return tmp_path


def run(tool: ModuleType, root: Path, *more: str) -> int:
    return tool.main([str(root), '--classes', '3', '--per-class', '5', '--validation', '12', *more])


def lines(root: Path, name: str) -> list[str]:
    return [line for line in (root / 'lists' / name).read_text().splitlines() if not line.startswith('#')]


def test_validation_trains_and_training_tests(tool: ModuleType, root: Path):
    assert run(tool, root) == 0
    assert lines(root, 'colorization_train.txt') == [f'ILSVRC2012_val_{index + 1:08d}.JPEG' for index in range(12)]
    chosen = lines(root, 'colorization_test.txt')
    assert len(set(chosen)) == 15 and [name.split('/')[0] for name in chosen] == [c for c in CLASSES for _ in range(5)]
    assert all((root / 'train' / name).is_file() for name in chosen)
    assert lines(root, 'colorization_val.txt') == chosen[::5]
    where = dict(data_prefix=dict(img='train'), ann_file='lists/colorization_test.txt')
    assert len(ImageFolderDataset(data_root=str(root), **where)) == 15


def test_a_seed_is_a_choice(tool: ModuleType, root: Path):
    run(tool, root)
    first = lines(root, 'colorization_test.txt')
    assert run(tool, root, '--check') == 0
    assert run(tool, root, '--check', '--seed', '1') == 1
    run(tool, root, '--seed', '1')
    assert lines(root, 'colorization_test.txt') != first
    run(tool, root)
    assert lines(root, 'colorization_test.txt') == first


def test_a_validation_set_by_classes(tool: ModuleType, root: Path):
    for index, path in enumerate(sorted((root / 'val').iterdir())):
        (root / 'val' / CLASSES[index // 4]).mkdir(exist_ok=True)
        path.rename(root / 'val' / CLASSES[index // 4] / path.name)
    run(tool, root)
    assert lines(root, 'colorization_train.txt')[0] == f'{CLASSES[0]}/ILSVRC2012_val_00000001.JPEG'
    (root / 'val/n01440764/ILSVRC2012_val_00000001.JPEG').rename(root / 'val/n01443537/x.JPEG')
    with pytest.raises(UsageError, match='3 class folders of 3 to 5'):
        run(tool, root)


def test_what_is_not_whole_is_refused(tool: ModuleType, root: Path, tmp_path: Path):
    assert tool.parse_args([]).validation == 50000 and tool.parse_args([]).classes * 10 == 10000
    with pytest.raises(UsageError, match='has 12 images, the validation set has 50000'):
        tool.main([str(root)])
    with pytest.raises(UsageError, match='class n01440764: 21 images wanted, only 20'):
        run(tool, root, '--per-class', '21')
    (root / 'train/loose.JPEG').touch()
    with pytest.raises(UsageError, match='3 class folders and 1 images'):
        run(tool, root)
    with pytest.raises(UsageError, match='does not exist'):
        run(tool, root / 'nowhere')
