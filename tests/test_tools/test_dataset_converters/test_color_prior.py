"""tools/dataset_converters/color_prior.py"""

import json

import numpy as np
import pytest

from nightgen.functional import colour_bins, rgb_to_lab
from nightgen.models.losses.color_bins import read_prior
from nightgen.utils.cli import UsageError
from nightgen.utils.images import write_image


@pytest.fixture
def tool(load_tool):
    return load_tool('tools/dataset_converters/color_prior.py')


def test_counts_by_hand(tool, tmp_path, capsys):
    pictures = tmp_path / 'pictures'
    (pictures / 'more').mkdir(parents=True)
    colours = np.random.default_rng(0).integers(0, 256, (2, 5, 6, 3), dtype=np.uint8)
    write_image(str(pictures / 'a.png'), colours[0])
    write_image(str(pictures / 'more/b.png'), colours[1])
    tool.main([str(pictures), str(tmp_path / 'prior.json')])
    expected = np.zeros(313)
    for picture in colours:
        for colour in rgb_to_lab(picture)[..., 1:].reshape(-1, 2):
            distances = np.linalg.norm(colour_bins() - colour, axis=1)
            near = np.argsort(distances)[:5]
            weight = np.exp(-distances[near] ** 2 / 50)
            expected[near] += weight / weight.sum()
    prior = read_prior(tmp_path / 'prior.json')
    np.testing.assert_allclose(prior, expected / 60, rtol=1e-9)
    told = json.loads((tmp_path / 'prior.json').read_text())
    assert (told['images'], told['pixels']) == (2, 60)
    assert f'{np.count_nonzero(expected)} of 313 bins occur' in capsys.readouterr().out


def test_large_images_are_scaled_and_many_chosen(tool, tmp_path):
    pictures = tmp_path / 'pictures'
    pictures.mkdir()
    for number in range(4):
        write_image(str(pictures / f'{number}.png'), np.full((40, 60, 3), (number * 60, 100, 20), np.uint8))
    tool.main([str(pictures), str(tmp_path / 'prior.json'), '--side', '8', '--number', '3', '--seed', '1'])
    told = json.loads((tmp_path / 'prior.json').read_text())
    assert (told['images'], told['pixels']) == (3, 3 * 8 * 12)
    with pytest.raises(UsageError, match='--side and --number are 1 or more'):
        tool.main([str(pictures), str(tmp_path / 'prior.json'), '--side', '0'])
