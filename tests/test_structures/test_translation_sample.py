"""The data sample: what it takes, what it gives to evaluators."""

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator

from nightgen.structures import TranslationSample


def test_pictures_and_meta_information_reach_a_dict():
    sample = TranslationSample(metainfo=dict(img_path='a.png', domain='night', ori_shape=(4, 5)))
    sample.fake = torch.zeros(3, 4, 5, dtype=torch.uint8)
    sample.truth = np.zeros((3, 4, 5), np.uint16)
    values = sample.to_dict()
    assert values['img_path'] == 'a.png' and values['ori_shape'] == (4, 5)
    assert values['fake'].shape == (3, 4, 5) and 'truth' in sample and 'source' not in sample
    assert sample.numpy().fake.dtype == np.uint8
    del sample.fake
    assert 'fake' not in sample.to_dict()


@pytest.mark.parametrize('value', [torch.zeros(3, 4, 5), torch.zeros(4, 5, dtype=torch.uint8), [1, 2],
                                   np.zeros((3, 4, 5))])
def test_what_is_no_integer_picture_is_refused(value):
    with pytest.raises(TypeError, match='fake must be an integer image'):
        TranslationSample().fake = value


def test_evaluator_gets_dicts():
    seen = []

    class Metric:
        def process(self, data_batch, data_samples):
            seen.extend(data_samples)
    sample = TranslationSample(metainfo=dict(img_path='a.png'), fake=torch.zeros(3, 2, 2, dtype=torch.uint8))
    Evaluator([Metric()]).process([sample])
    assert isinstance(seen[0], dict) and seen[0]['fake'].dtype == torch.uint8
