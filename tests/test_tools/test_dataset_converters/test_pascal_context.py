"""tools/dataset_converters/pascal_context.py on annotations made here."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from nightgen.datasets import PascalContextDataset
from nightgen.structures.label_sets import load_label_set
from nightgen.testing import write_pictures
from nightgen.utils.cli import UsageError
from nightgen.utils.images import read_image

savemat = pytest.importorskip('scipy.io', reason='SciPy is not installed').savemat
# Numbers of the dataset's labels.txt: aeroplane, car, table, wood, sky, two rare ones, and 0 where nobody labelled.
NATIVE = np.array([[2, 59, 397], [458, 360, 1], [459, 0, 255]], np.uint16)
NAMES = [['aeroplane', 'car', 'diningtable'], ['wood', 'sky', 'background'], ['background'] * 3]


@pytest.fixture
def tool(load_tool) -> ModuleType:
    return load_tool('tools/dataset_converters/pascal_context.py')


@pytest.fixture
def root(tmp_path: Path) -> Path:
    voc = tmp_path / 'VOC2010'
    (voc / 'ImageSets/Main').mkdir(parents=True)
    (tmp_path / 'trainval').mkdir()
    for split, names in dict(train=['2008_1', '2008_2'], val=['2008_3']).items():
        (voc / f'ImageSets/Main/{split}.txt').write_text('\n'.join(names))
        write_pictures(voc / 'JPEGImages', names=[f'{name}.jpg' for name in names], size=(3, 3))
        for name in names:
            savemat(tmp_path / f'trainval/{name}.mat', dict(LabelMap=NATIVE))
    return tmp_path


def run(tool: ModuleType, root: Path, *counts: str) -> int:
    return tool.main([str(root / 'VOC2010'), str(root / 'trainval'), '--counts', *(counts or ('2', '1'))])


def test_maps_are_mmsegs_and_are_read_in_the_label_sets_order(tool: ModuleType, root: Path):
    assert run(tool, root) == 0
    stored = read_image(str(root / 'VOC2010/SegmentationClassContext/2008_3.png'), 'label')
    segmentation = pytest.importorskip('mmseg.datasets', reason='mmseg is not installed')
    theirs = segmentation.PascalContextDataset.METAINFO['classes']
    aliases = load_label_set('pascal_context').aliases
    assert [[aliases.get(theirs[number], theirs[number]) for number in row] for row in stored] == NAMES
    dataset = PascalContextDataset(str(root / 'VOC2010'), inputs=('label',), pipeline=[
        dict(type='LoadImage'), dict(type='LoadBeside'), dict(type='PackTranslationInputs')])
    classes = load_label_set('pascal_context').classes
    assert len(dataset) == 3
    assert [[classes[number] for number in row] for row in dataset[0]['inputs']['label'].tolist()] == NAMES
    (root / 'trainval/2008_1.mat').write_bytes(b'no longer needed')  # what is there is kept
    assert run(tool, root) == 0


def test_what_it_refuses(tool: ModuleType, root: Path):
    with pytest.raises(UsageError, match='has 2 names, 4998 are expected'):
        run(tool, root, '4998', '1')
    (root / 'trainval/2008_2.mat').write_bytes(b'MATLAB?')
    with pytest.raises(UsageError, match='2008_2.mat is no annotation of PASCAL-Context'):
        run(tool, root)
    (root / 'trainval/2008_3.mat').unlink()
    with pytest.raises(UsageError, match=r'1 of 1 files of val are not in .*trainval; the first is 2008_3.mat'):
        run(tool, root)
