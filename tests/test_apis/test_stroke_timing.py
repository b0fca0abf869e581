"""From a stroke to its picture: what is timed, and that the 16-bit form changes at most 2 grey levels."""

import numpy as np
import pytest
import torch

from nightgen.apis import stroke_timing
from nightgen.apis.stroke_timing import time_strokes
from nightgen.models.translators import SemanticColorizationTranslator
from nightgen.testing.processor import bf16_convolutions

HEIGHT, WIDTH = 32, 48
PRECISIONS = ('fp32', 'bf16') if bf16_convolutions() else ('fp32', 'exact')


@pytest.fixture
def model() -> SemanticColorizationTranslator:
    torch.manual_seed(0)
    return SemanticColorizationTranslator(
        ('color',), dict(type='TwoStreamUNet', widths=(8, 16, 32), num_classes=60), label_set='pascal_context',
        photo_size=(HEIGHT, WIDTH)).eval()


def photo() -> np.ndarray:
    return np.random.default_rng(0).integers(60, 200, (2 * HEIGHT, 2 * WIDTH, 3), dtype=np.uint8)


def test_sixteen_bits_change_at_most_two_levels(model):
    """The network's chroma is far from grey, so that 16 bits could show."""
    with torch.no_grad():
        assert model.generators['chroma'](torch.rand(1, 1, HEIGHT, WIDTH) * 2 - 1,
                                          torch.randint(0, 60, (1, HEIGHT, WIDTH))).std() > 0.1
    rows = time_strokes(model, photo(), precisions=PRECISIONS, rounds=3)
    assert [row['precision'] for row in rows] == list(PRECISIONS)
    assert rows[0]['largest_difference'] == 0 and rows[1]['largest_difference'] <= 2
    for row in rows:
        assert 0 < row['fastest'] <= row['seconds'] <= row['slowest'] and row['cpu_seconds'] > 0


def test_every_stroke_changes_colours_and_differences_are_those_of_pictures(model, monkeypatch):
    """The second editor is made to answer 5 levels brighter: that is the difference that is told."""
    seen = []

    def stroke(editor, points, kind, size):
        editor.stroke(points, kind, size)
        seen.append((editor, editor.recolor().astype(int), editor.label.copy()))
        return seen[-1][1] + (5 if len(seen) % 2 == 0 else 0)

    monkeypatch.setattr(stroke_timing, '_stroke', stroke)
    label = np.full((4, 6), 7, np.uint8)
    rows = time_strokes(model, photo(), label, precisions=('exact', 'exact'), rounds=2)
    assert rows[1]['largest_difference'] == 5 and rows[1]['mean_difference'] == pytest.approx(5)
    assert len(seen) == 2 * 3 and len({id(editor) for editor, _, _ in seen}) == 2
    pictures = [picture for _, picture, _ in seen[::2]]
    assert all(np.abs(a - b).max() > 0 for a, b in zip(pictures, pictures[1:], strict=False))
    assert [sorted(np.unique(part)) for _, _, part in seen[::2]] == [[1, 7], [1, 2, 7], [1, 2, 3, 7]]
