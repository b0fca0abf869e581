"""The editor of label maps: what each edit changes, pixel by pixel; undo, redo, files, and when colours run."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from nightgen.apis.semantic_editor import SemanticMapEditor, brush_stamp, resize_label, straight_line
from nightgen.structures.label_sets import load_label_set
from nightgen.utils.images import BrokenImageError

SIXTY = load_label_set('pascal_context')


class CountingPhoto:
    """Paints every pixel with its class, and counts how often it is asked to."""

    def __init__(self):
        self.asked = 0

    def colour(self, label: np.ndarray) -> np.ndarray:
        self.asked += 1
        return np.repeat(label[..., None], 3, axis=2)


def made_map(height: int = 20, width: int = 31, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4, (height, width), np.uint8)


def an_editor(label: np.ndarray | None = None, **options: object) -> SemanticMapEditor:
    return SemanticMapEditor(SIXTY, made_map() if label is None else label, **options)


@pytest.mark.parametrize('shape', ['square', 'disc'])
@pytest.mark.parametrize('size', [1, 2, 5, 8])
@pytest.mark.parametrize('centre', [(15, 10), (0, 0), (30, 19), (-2, 5), (33, 21), (90, -90)])
def test_a_stamp_is_cut_off_at_all_four_sides(shape: str, size: int, centre: tuple[int, int]):
    """Pixel by pixel: a square reaches size // 2 to the left and up; a disc is what lies within size / 2."""
    before, (x, y) = made_map(), centre
    editor = an_editor(before)
    changed = editor.brush(x, y, 7, size, shape)
    for row in range(20):
        for column in range(31):
            down, across = row - (y - size // 2), column - (x - size // 2)
            covered = 0 <= down < size and 0 <= across < size
            if shape == 'disc':
                covered = covered and np.hypot(down + 0.5 - size / 2, across + 0.5 - size / 2) <= size / 2 + 1e-9
            assert editor.label[row, column] == (7 if covered else before[row, column]), (row, column)
    assert changed == (7 in editor.label)


def test_a_disc_of_five_by_hand():
    assert brush_stamp(5, 'disc').astype(int).tolist() == [
        [0, 1, 1, 1, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [0, 1, 1, 1, 0]]


@pytest.mark.parametrize(('start', 'end'), [((0, 0), (7, 3)), ((7, 3), (0, 0)), ((2, 9), (4, 1)), ((5, 5), (5, 5)),
                                            ((-3, 2), (6, 2))])
def test_a_line_has_no_gap_and_stays_within_half_a_pixel(start: tuple[int, int], end: tuple[int, int]):
    line = straight_line([start, end])
    assert line[0] == start and line[-1] == end
    assert all(max(abs(a[0] - b[0]), abs(a[1] - b[1])) == 1 for a, b in zip(line, line[1:], strict=False))
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    assert len(line) == steps + 1
    for step, point in enumerate(line):
        exact = [start[axis] + (end[axis] - start[axis]) * step / max(steps, 1) for axis in (0, 1)]
        assert all(abs(point[axis] - exact[axis]) <= 0.5 for axis in (0, 1))


def test_a_stroke_is_the_union_of_its_stamps_and_one_step_of_the_history():
    before, one, many = made_map(), an_editor(), an_editor()
    points = [(3, 3), (12, 8), (28, 2)]
    assert one.stroke(points, 9, 4, 'disc')
    for x, y in straight_line(points):
        many.brush(x, y, 9, 4, 'disc')
    np.testing.assert_array_equal(one.label, many.label)
    assert one.undo() and not one.can_undo
    np.testing.assert_array_equal(one.label, before)


def test_pick():
    editor = an_editor()
    assert editor.pick(30, 4) == made_map()[4, 30]
    for x, y in ((31, 0), (0, 20), (-1, 3), (3, -1)):
        with pytest.raises(ValueError, match='outside the map of 31x20'):
            editor.pick(x, y)


def test_fill_reaches_what_hangs_together_by_sides():
    label = np.array([[1, 1, 2, 1],
                      [2, 1, 2, 1],
                      [1, 2, 1, 1]])
    editor = an_editor(label)
    assert editor.fill(0, 0, 5)
    assert editor.label.tolist() == [[5, 5, 2, 1], [2, 5, 2, 1], [1, 2, 1, 1]]
    assert not editor.fill(0, 0, 5) and editor.fill(3, 0, 5)
    assert editor.label.tolist() == [[5, 5, 2, 5], [2, 5, 2, 5], [1, 2, 5, 5]]


def test_replace_everywhere_in_a_box_and_in_a_mask():
    before = made_map()
    editor = an_editor()
    assert editor.replace_class(1, 50)
    np.testing.assert_array_equal(editor.label, np.where(before == 1, 50, before))
    editor.undo()
    assert editor.replace_class(1, 50, (4, 2, 99, 10))
    inside = np.zeros(before.shape, bool)
    inside[2:10, 4:] = True
    np.testing.assert_array_equal(editor.label, np.where((before == 1) & inside, 50, before))
    editor.undo()
    assert editor.remove_class(2, ~inside)
    np.testing.assert_array_equal(editor.label, np.where((before == 2) & ~inside, 0, before))
    assert not editor.replace_class(59, 3)


def test_a_removed_class_becomes_the_unlabelled_one():
    camvid = load_label_set('camvid')
    void = camvid.unlabelled
    assert void != 0
    editor = SemanticMapEditor(camvid, np.array([[0, 1], [255, 1]]))
    assert editor.label.tolist() == [[0, 1], [void, 1]]
    assert editor.remove_class(1) and editor.label.tolist() == [[0, void], [void, void]]


def test_undo_and_redo_walk_through_every_map():
    editor = an_editor()
    maps = [editor.label.copy()]
    rng = np.random.default_rng(1)
    for step in range(30):
        x, y = int(rng.integers(-3, 34)), int(rng.integers(-3, 23))
        label = int(rng.integers(0, 60))
        [lambda: editor.stroke([(x, y), (y, x)], label, 3), lambda: editor.replace_class(label % 4, label),  # noqa: B023
         lambda: editor.fill(x % 31, y % 20, label), lambda: editor.set_label(made_map(seed=label))][step % 4]()  # noqa: B023
        if not np.array_equal(maps[-1], editor.label):
            maps.append(editor.label.copy())
    assert len(maps) > 20
    for expected in maps[-2::-1]:
        assert editor.undo()
        np.testing.assert_array_equal(editor.label, expected)
    assert not editor.undo()
    for expected in maps[1:]:
        assert editor.redo()
        np.testing.assert_array_equal(editor.label, expected)
    assert not editor.redo()
    editor.undo()
    assert editor.brush(1, 1, 33) and not editor.can_redo


def test_the_oldest_steps_are_forgotten():
    editor = an_editor(steps=3)
    for label in (10, 11, 12, 13, 14):
        editor.brush(5, 5, label)
    assert [editor.undo() for _ in range(4)] == [True, True, True, False]
    assert editor.pick(5, 5) == 11


def test_the_colour_network_runs_only_when_the_map_has_changed():
    photo = CountingPhoto()
    editor = an_editor(photo=photo)
    for _ in range(3):
        np.testing.assert_array_equal(editor.recolor()[..., 0], made_map())
    assert photo.asked == 1
    editor.pick(2, 2), editor.undo(), editor.redo()
    editor.brush(2, 2, editor.pick(2, 2))
    editor.recolor()
    assert photo.asked == 1
    editor.brush(2, 2, 40)
    assert editor.recolor()[2, 2, 0] == 40 and photo.asked == 2
    editor.undo()
    assert editor.recolor()[2, 2, 0] == made_map()[2, 2] and photo.asked == 3
    with pytest.raises(ValueError, match='no photo'):
        an_editor().recolor()


def test_all_sixty_labels_survive_the_file_and_any_number_of_edits(tmp_path: Path):
    """The released demo turns 1 into 0, 2 into 1, 7 into 6 ... at every round trip."""
    label = np.arange(60, dtype=np.uint8).repeat(4).reshape(12, 20)
    editor = an_editor(label, photo=CountingPhoto())
    for _ in range(3):
        editor.recolor()
        editor.save(tmp_path / 'map.png')
        editor.load(tmp_path / 'map.png')
        editor.load(editor.to_png())
    np.testing.assert_array_equal(editor.label, label)
    with Image.open(tmp_path / 'map.png') as picture:  # Pillow, by itself
        assert picture.mode == 'P'
        np.testing.assert_array_equal(np.asarray(picture), label)
        np.testing.assert_array_equal(np.asarray(picture.convert('RGB')), np.array(SIXTY.palette)[label])


@pytest.mark.parametrize('size', [(20, 31), (21, 40), (333, 500), (40, 62)])
def test_a_map_saved_at_the_size_of_a_larger_photo_comes_back_the_same(size: tuple[int, int]):
    editor = an_editor()
    data = editor.to_png(size)
    with Image.open(io.BytesIO(data)) as picture:
        enlarged = np.asarray(picture)
    assert enlarged.shape == size
    torchs = F.interpolate(torch.from_numpy(made_map())[None, None].float(), size, mode='nearest-exact')[0, 0]
    np.testing.assert_array_equal(enlarged, torchs.numpy())
    assert not editor.load(data)
    assert editor.set_label(np.zeros_like(enlarged)) and editor.load(data)
    np.testing.assert_array_equal(editor.label, made_map())


def test_a_smaller_map_takes_the_class_at_each_pixels_centre():
    label = made_map(30, 45)
    small = F.interpolate(torch.from_numpy(label)[None, None].float(), (7, 11), mode='nearest-exact')[0, 0]
    np.testing.assert_array_equal(resize_label(label, (7, 11)), small.numpy())


def test_a_map_of_colours_is_no_label_map():
    data = io.BytesIO()
    Image.new('RGB', (31, 20)).save(data, 'PNG')
    editor = an_editor()
    with pytest.raises(BrokenImageError, match='single-channel label map'):
        editor.load(data.getvalue())
    with pytest.raises(BrokenImageError, match='the label map'):
        editor.load(b'no image')


@pytest.mark.parametrize(('wrong', 'words'), [
    (lambda editor: editor.brush(1, 1, 60), 'no class 60: they are 0 to 59'),
    (lambda editor: editor.fill(1, 1, -1), 'no class -1'),
    (lambda editor: editor.replace_class(3, 99), 'no class 99'),
    (lambda editor: editor.brush(1, 1, 2, 0), 'at least 1 pixel'),
    (lambda editor: editor.brush(1, 1, 2, 5, 'star'), "got 'star'"),
    (lambda editor: editor.brush(1, 1, 2, 32), 'wider than the map'),
    (lambda editor: editor.stroke([], 2), 'at least one point'),
    (lambda editor: editor.stroke([(0, 0), (10**9, 0)], 2), 'at most 200000 pixels'),
    (lambda editor: editor.replace_class(1, 2, (5, 5, 5, 9)), 'left < right'),
    (lambda editor: editor.replace_class(1, 2, np.ones((3, 3), bool)), "of the map's shape"),
    (lambda editor: editor.set_label(np.full((20, 31), 60)), r'holds \[60\]'),
    (lambda editor: editor.set_label(np.zeros((20, 31, 3), np.uint8)), 'H,W integers'),
    (lambda editor: editor.set_label(np.zeros((20, 31))), 'H,W integers')])
def test_what_cannot_be_is_refused_and_changes_nothing(wrong, words: str):
    editor = an_editor()
    with pytest.raises(ValueError, match=words):
        wrong(editor)
    np.testing.assert_array_equal(editor.label, made_map())
    assert not editor.can_undo


def test_the_map_is_not_shared():
    label = made_map()
    editor = an_editor(label)
    label[:] = 9
    np.testing.assert_array_equal(editor.label, made_map())
    with pytest.raises(ValueError, match='read-only'):
        editor.label[0, 0] = 3
