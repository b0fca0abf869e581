"""The APCE metric: mean over pictures, its curve, its errors."""

import numpy as np
import pytest
import torch

from nightgen.evaluation.functional import apce, edge_recall
from nightgen.registry import METRICS
from nightgen.testing import metric_sample, random_picture, run_metric


def samples(count=5):
    return [metric_sample(index, fake=random_picture(24, 32, seed=index),
                          source=random_picture(24, 32, seed=index % 3, channels=1)) for index in range(count)]


def test_is_the_mean_of_the_functional_numbers():
    metric = METRICS.build(dict(type='APCE'))
    result = run_metric(metric, samples())
    recalls = [edge_recall(s['fake'].permute(1, 2, 0).numpy(), s['source'][0].numpy()) for s in samples()]
    assert result == {'APCE': pytest.approx(apce(np.stack(recalls)), abs=1e-12)}
    assert len(metric.details['curve']) == 99 and metric.details['pictures'] == 5
    assert np.mean([value for value in metric.details['curve'] if value is not None]) == pytest.approx(result['APCE'])


def test_missing_source_and_other_size():
    with pytest.raises(ValueError, match='source'):
        run_metric(dict(type='APCE'), [metric_sample(0, fake=random_picture(9, 9))])
    wrong = dict(samples(1)[0], source=torch.zeros(1, 24, 30, dtype=torch.uint8))
    with pytest.raises(ValueError, match='APCE: the output of 000000.png'):
        run_metric(dict(type='APCE'), [wrong])


def test_flat_sources_are_nan():
    flat = [metric_sample(0, fake=random_picture(12, 12), source=np.zeros((12, 12), np.uint8))]
    assert np.isnan(run_metric(dict(type='APCE'), flat)['APCE'])
