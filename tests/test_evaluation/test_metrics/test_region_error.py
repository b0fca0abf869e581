"""Errors by region against numpy, and what they say of an answer that only paints the background."""

import numpy as np
import pytest

from nightgen.evaluation.metrics import RegionError, StaticPixelError
from nightgen.testing import metric_sample, run_metric
from nightgen.utils.images import write_image

CAR, ROAD, VOID = 13, 0, 255


def world(number=3):
    """Truths with a car on an empty street, and the street without it."""
    rng = np.random.RandomState(0)
    street = rng.randint(0, 200, (10, 12, 3)).astype(np.uint8)
    truths, labels = [], []
    for index in range(number):
        label = np.full((10, 12), ROAD, np.uint8)
        label[0, :3] = VOID
        label[4:4 + index + 1, 2:6] = CAR
        truth = street.copy()
        truth[label == CAR] = 255 - street[label == CAR] // 2
        truths.append(truth)
        labels.append(label)
    return street, truths, labels


def samples(fakes, truths, labels, **meta):
    return [dict(metric_sample(index, fake=fake, truth=truth, label=label.astype(np.int64)), **meta)
            for index, (fake, truth, label) in enumerate(zip(fakes, truths, labels, strict=True))]


def test_regions_are_summed_over_the_set():
    _, truths, labels = world()
    fakes = [np.random.RandomState(index).randint(0, 256, truth.shape).astype(np.uint8)
             for index, truth in enumerate(truths)]
    found = run_metric(RegionError(), samples(fakes, truths, labels))
    difference, label = (np.stack([np.abs(a.astype(float) - b) for a, b in zip(fakes, truths, strict=True)]),
                         np.stack(labels))
    assert found == {'L1_background': pytest.approx(difference[label == ROAD].mean()),
                     'L1_foreground': pytest.approx(difference[label == CAR].mean())}
    two = run_metric(RegionError(classes=('road',)), samples(fakes, truths, labels))
    assert two['L1_foreground'] == found['L1_background'] and two['L1_background'] == found['L1_foreground']


def test_who_paints_the_background_alone_loses_on_the_foreground():
    street, truths, labels = world()
    trivial = run_metric(RegionError(), samples([street] * 3, truths, labels))
    grey = run_metric(RegionError(), samples([np.full_like(street, 128)] * 3, truths, labels))
    assert trivial['L1_background'] == 0 < grey['L1_background']
    assert trivial['L1_foreground'] > grey['L1_foreground']


def test_what_is_missing_is_told():
    _, truths, labels = world(1)
    nothing = run_metric(RegionError(), samples(truths, truths, [np.full_like(labels[0], ROAD)]))
    assert nothing['L1_background'] == 0 and np.isnan(nothing['L1_foreground'])
    with pytest.raises(ValueError, match=r"unknown classes \['lorry'\]"):
        RegionError(classes=('car', 'lorry'))
    with pytest.raises(ValueError, match='RegionError needs `label`'):
        run_metric(RegionError(), [metric_sample(0, fake=truths[0], truth=truths[0])])
    with pytest.raises(ValueError, match=r'its label map \(4, 4\)'):
        run_metric(RegionError(), samples(truths, truths, [labels[0][:4, :4]]))


def test_static_pixels(tmp_path):
    street, truths, labels = world(2)
    changes = np.where(labels[1] == CAR, 90, 3).astype(np.uint8)
    write_image(str(tmp_path / 'references/gate.png'), street)
    write_image(str(tmp_path / 'references/gate_spread.png'), changes)
    patterns = dict(reference='{root}/references/{camera}.png', spread='{root}/references/{camera}_spread.png')
    metric = StaticPixelError(**patterns)
    metric.dataset_meta = dict(data_root=str(tmp_path))
    shifted = np.clip(street.astype(int) + 7, 0, 255).astype(np.uint8)
    found = run_metric(metric, samples([shifted, truths[1]], truths, labels, camera='gate'))
    assert found == {'L1_static': pytest.approx(7 / 2)} and metric.details['pixels_static'] == 2 * (120 - 8)
    metric = StaticPixelError(**patterns, limit=255)
    metric.dataset_meta = dict(data_root=str(tmp_path))
    everywhere = run_metric(metric, samples([truths[1]], truths[:1], labels[:1], camera='gate'))
    assert everywhere['L1_static'] == pytest.approx(np.abs(truths[1].astype(float) - street).mean())
    with pytest.raises(ValueError, match='cannot be filled in'):
        run_metric(metric, samples(truths, truths, labels))
    with pytest.raises(ValueError, match='is 5x12, .*gate.png 10x12, which is of another shape'):
        run_metric(metric, samples([street[:5]], [street[:5]], labels[:1], camera='gate'))
    half = street.reshape(5, 2, 6, 2, 3).mean((1, 3))
    fake = np.full((5, 6, 3), 40, np.uint8)
    small = run_metric(metric, samples([fake], [fake], [labels[0][::2, ::2]], camera='gate'))
    assert small['L1_static'] == pytest.approx(np.abs(half - 40).mean(), abs=0.5)
