"""Pictures side by side."""

import numpy as np
import pytest
import torch

from nightgen.visualization import make_grid


def picture(height: int, width: int, value: int) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_cells_stand_where_they_belong():
    grid = make_grid([[picture(10, 20, 1), picture(10, 20, 2)], [None, picture(6, 12, 3)]])
    assert grid.shape == (4 + 10 + 4 + 6 + 4, 4 + 20 + 4 + 20 + 4, 3) and grid.dtype == np.uint8
    assert (grid[4:14, 4:24] == 1).all() and (grid[4:14, 28:48] == 2).all() and (grid[18:24, 28:40] == 3).all()
    assert (grid[18:24, 4:24] == 255).all() and (grid[:4] == 255).all()


def test_a_row_has_the_height_of_its_first_and_big_cells_shrink():
    grid = make_grid([[picture(100, 300, 9), picture(50, 50, 7)]], max_cell=150)
    assert grid.shape == (4 + 50 + 4, 4 + 150 + 4 + 50 + 4, 3)
    grid = make_grid([[picture(300, 100, 9)]], max_cell=150)
    assert grid.shape == (158, 58, 3)
    tall = make_grid([[picture(20, 20, 9), picture(10, 10, 7)]])
    assert tall.shape == (28, 52, 3) and (tall[4:24, 28:48] == 7).all()


def test_kinds_of_pictures():
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (8, 9, 3), np.uint8)
    grey = rng.integers(0, 256, (8, 9), np.uint8)
    row = [rgb, torch.from_numpy(rgb).permute(2, 0, 1), grey, torch.from_numpy(grey)[None], rgb.astype(np.uint16) * 257]
    grid = make_grid([row])
    cells = [grid[4:12, 4 + 13 * i:13 + 13 * i] for i in range(5)]
    for index in (0, 1, 4):
        np.testing.assert_array_equal(cells[index], rgb)
    for index in (2, 3):
        np.testing.assert_array_equal(cells[index], np.repeat(grey[..., None], 3, 2))


def test_titles_and_labels_are_written():
    plain = make_grid([[picture(40, 60, 100), picture(40, 60, 100)]])
    titled = make_grid([[picture(40, 60, 100), picture(40, 60, 100)]], ['source', 'fake'])
    top = titled.shape[0] - plain.shape[0]
    np.testing.assert_array_equal(titled[top:], plain)
    for left in (4, 68):
        assert (titled[:top, left:left + 60] < 100).any()
    labelled = make_grid([[picture(40, 60, 100), picture(40, 60, 100)]], labels=['night'])
    assert (labelled[4:14, 4:64] > 150).any() and (labelled[14:44, 4:64] == 100).all()
    assert (labelled[4:44, 68:128] == 100).all()


def test_what_is_no_picture():
    with pytest.raises(ValueError, match='no image'):
        make_grid([[None], []])
    with pytest.raises(ValueError, match=r'got Tensor \(2, 4, 4\)'):
        make_grid([[torch.zeros(2, 4, 4, dtype=torch.uint8)]])
    with pytest.raises(TypeError, match='uint8 or uint16'):
        make_grid([[np.zeros((4, 4, 3), np.float32)]])
