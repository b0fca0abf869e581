"""Warnings about the numbers in a set's files: once, and only where there is something to say."""

import numpy as np
import pytest

from nightgen.registry import DATASETS
from nightgen.testing import random_picture
from nightgen.utils.counts import check_numbers
from nightgen.utils.images import write_image


@pytest.fixture
def said(monkeypatch):
    texts = []
    monkeypatch.setattr('nightgen.utils.counts.print_log', lambda text, logger, level: texts.append(text))
    return texts


def write(folder, low, high, number=7, ending='png', dtype=np.uint16):
    paths = []
    for index in range(number):
        counts = np.linspace(low, high, 48).reshape(6, 8).astype(dtype)
        paths.append(folder / f'{low}_{index}.{ending}')
        write_image(str(paths[-1]), counts)
    return paths


def test_narrow_counts_are_named_once(tmp_path, said):
    paths = write(tmp_path, 7000, 7900)
    check_numbers(paths, 'the thermal set')
    assert len(said) == 1 and said[0].startswith('the thermal set: 16-bit images that use less than a tenth')
    assert '7000_0.png holds 7000 to 7900 of 65535' in said[0]
    check_numbers(write(tmp_path, 10, 6000, ending='tiff'), 'a TIFF')
    assert len(said) == 2


def test_nothing_to_say(tmp_path, said):
    check_numbers([], 'empty')
    check_numbers(write(tmp_path, 0, 6600), 'a tenth is used')
    check_numbers(write(tmp_path, 100, 110, dtype=np.uint8), 'eight bits')
    check_numbers(write(tmp_path, 7000, 7900), 'stated', value_range='minmax')
    check_numbers([*write(tmp_path, 50, 60, number=2), *write(tmp_path, 0, 65535, number=2)], 'only some')
    (tmp_path / 'broken.png').write_bytes(b'\x89PNG\r\n\x1a\nbroken')
    check_numbers([tmp_path / 'broken.png', tmp_path / 'gone.png'], 'broken')  # whoever reads them says so
    assert said == []


def test_a_burnt_in_scale_is_said_once(tmp_path, said, radiometric):
    counts = random_picture(8, 8, channels=1, dtype=np.uint16)
    for index in range(3):
        (tmp_path / f'{index}.jpg').write_bytes(radiometric(counts, '<', png=True))
    check_numbers(sorted(tmp_path.iterdir()), 'a FLIR camera')
    assert len(said) == 1 and '0.jpg is a radiometric JPEG' in said[0] and "range='minmax'" in said[0]


def test_a_data_set_says_it_and_takes_a_range(tmp_path, said):
    write(tmp_path, 7000, 7900, number=2)
    config = dict(type='ImageFolderDataset', data_root=str(tmp_path), domain='thermal',
                  pipeline=[dict(type='LoadImage'), dict(type='PackTranslationInputs')])
    assert DATASETS.build(config)[0]['inputs']['real'].int().max() == 7900
    assert len(said) == 1 and "of domain 'thermal'" in said[0]
    for stated in ('minmax', [7000, 7900]):
        picture = DATASETS.build(dict(config, range=stated))[1]['inputs']['real'].int()
        assert (picture.min(), picture.max()) == (0, 65535)
    steps = [dict(type='LoadImage', range=(0, 7900)), dict(type='PackTranslationInputs')]
    dataset = DATASETS.build(dict(config, pipeline=steps))
    assert dataset[0]['inputs']['real'].int().min() == round(7000 / 7900 * 65535)
    assert dataset.get_data_info(0)['range'] == (0, 7900)  # for those who read the file without the pipeline
    assert len(said) == 1
    with pytest.raises(ValueError, match='differ; state it once'):
        DATASETS.build(dict(config, range='minmax', pipeline=steps))
    with pytest.raises(ValueError, match='range is one of'):
        DATASETS.build(dict(config, range='16bit'))
    with pytest.raises(ValueError, match='holds 7900, more than 12bit'):
        DATASETS.build(dict(config, range='12bit'))[0]
