"""PASCAL-Context as mmseg's converter lays it out: lists, and all 60 labels in the order of the label set."""

from pathlib import Path

import numpy as np
import pytest

from nightgen.registry import DATASETS
from nightgen.structures.label_sets import label_table
from nightgen.testing import write_pictures
from nightgen.utils.images import BrokenImageError, write_image

PIPELINE = [dict(type='LoadImage'), dict(type='LoadBeside'), dict(type='PackTranslationInputs')]
STORED = (np.arange(64) % 60).reshape(8, 8).astype(np.uint8)


def make(root: Path, names: dict[str, list[str]]) -> None:
    for split, stems in names.items():
        write_pictures(root / 'JPEGImages', names=[f'{stem}.jpg' for stem in stems], size=(8, 8))
        for stem in stems:
            path = root / f'SegmentationClassContext/{stem}.png'
            path.parent.mkdir(exist_ok=True)
            write_image(str(path), STORED)
        path = root / f'ImageSets/SegmentationContext/{split}.txt'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('\n'.join(stems))


def test_splits_and_labels(tmp_path: Path):
    make(tmp_path, dict(train=['2008_000002', '2008_000003'], val=['2008_000009']))

    def build(split: str):
        return DATASETS.build(dict(type='PascalContextDataset', data_root=str(tmp_path), split=split,
                                   inputs=('label',), pipeline=PIPELINE))

    assert [len(build(split)) for split in ('train', 'val', 'trainval')] == [2, 1, 3]
    whole = build('trainval')
    assert [whole.get_data_info(index)['key'] for index in range(3)] == ['2008_000002', '2008_000003', '2008_000009']
    label = whole[2]['inputs']['label'].numpy()
    assert sorted(np.unique(label)) == list(range(60))
    assert np.array_equal(label, label_table('pascal_context:mmseg')[STORED])
    wrapped = DATASETS.build(dict(type='ColorizationDataset', dataset=whole, label='auto'))
    assert np.array_equal(wrapped[0]['data_samples'].label.numpy(), label)
    with pytest.raises(ValueError, match='split must be of'):
        build('test')


def test_a_map_with_other_numbers_is_named(tmp_path: Path):
    make(tmp_path, dict(train=['a'], val=['b']))
    write_image(str(tmp_path / 'SegmentationClassContext/b.png'), STORED + 100)
    dataset = DATASETS.build(dict(type='PascalContextDataset', data_root=str(tmp_path), split='val', inputs=('label',),
                                  pipeline=PIPELINE))
    with pytest.raises(BrokenImageError, match=r'b.png holds \[100, 101.*no class of the label set'):
        dataset[0]
    with pytest.raises(FileNotFoundError, match='the list .*val.txt does not exist'):
        (tmp_path / 'ImageSets/SegmentationContext/val.txt').unlink()
        DATASETS.build(dict(type='PascalContextDataset', data_root=str(tmp_path), pipeline=PIPELINE)).full_init()
