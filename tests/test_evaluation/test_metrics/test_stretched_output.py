"""Outputs stretched to the full range before they are measured."""

import numpy as np
import pytest

from nightgen.evaluation.functional import min_max_stretch, psnr
from nightgen.registry import METRICS
from nightgen.testing import metric_sample, random_picture, run_metric


def test_the_whole_range_over_all_channels():
    image = np.array([[[50, 60, 70], [100, 90, 150]]], np.uint8)
    np.testing.assert_array_equal(min_max_stretch(image), [[[0, 26, 51], [128, 102, 255]]])
    flat = np.full((2, 2, 3), 9, np.uint8)
    np.testing.assert_array_equal(min_max_stretch(flat), flat)


def test_metrics_see_the_stretched_output_and_the_given_truth():
    fakes, truths = ([random_picture(16, 20, seed=start + index) // 2 + 30 for index in range(3)] for start in (0, 9))
    samples = [metric_sample(index, fake=fake, truth=truth)
               for index, (fake, truth) in enumerate(zip(fakes, truths, strict=True))]
    metric = METRICS.build(dict(type='StretchedOutput', prefix='stretched', metrics=[
        dict(type='PSNR'), dict(type='FrechetInceptionDistance', extractor=dict(type='ToyFeatures'), real='truth')]))
    result = run_metric(metric, samples)
    expected = np.mean([psnr(min_max_stretch(fake), truth) for fake, truth in zip(fakes, truths, strict=True)])
    assert list(result) == ['stretched/PSNR', 'stretched/FD_toy']
    assert result['stretched/PSNR'] == pytest.approx(expected)
    assert metric.details['FrechetInceptionDistance']['fake'] == 3


def test_two_numbers_of_one_name_are_an_error():
    sample = metric_sample(0, fake=random_picture(16, 20), truth=random_picture(16, 20, seed=1))
    twice = [dict(type='PSNR'), dict(type='PSNR')]
    for config in (dict(type='StretchedOutput', metrics=twice),
                   dict(type='BaselineTable', metrics=twice, baselines=['true_day'])):
        with pytest.raises(ValueError, match="two metrics give .*PSNR"):
            run_metric(config, [dict(sample, source=sample['fake'])])
