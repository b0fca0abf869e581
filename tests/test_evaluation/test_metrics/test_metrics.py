"""Metrics in mmengine's evaluator, in one and in two processes."""

import math

import numpy as np
import pytest
import torch
from mmengine.dist import get_dist_info
from mmengine.evaluator import Evaluator
from mmengine.structures import BaseDataElement

from nightgen.evaluation.functional import colourfulness, psnr, ssim
from nightgen.evaluation.metrics import PSNR, SSIM, Colourfulness, PerImageMetric
from nightgen.registry import METRICS
from nightgen.structures import TranslationSample
from nightgen.testing import random_picture, run_processes

NUMBER = 7


def pair(index):
    truth = random_picture(16, 20, seed=index)
    noise = np.random.default_rng(index).normal(0, 5 + index, truth.shape)
    return np.clip(truth + noise, 0, 255).astype(np.uint8), truth


def to_tensor(image):
    return torch.from_numpy(image).permute(2, 0, 1)


def sample(index, **leave_out):
    fake, truth = map(to_tensor, pair(index))
    record = TranslationSample(metainfo=dict(img_path=f'{index}.png', sample_idx=index, domain='night'))
    for name, value in dict(fake=fake, truth=truth).items():
        if name not in leave_out:
            setattr(record, name, value)
    return record


def evaluator():
    return Evaluator([METRICS.build(dict(type=name)) for name in ('PSNR', 'SSIM', 'Colourfulness')])


def evaluate_rank():
    """What a process computes on its share: 4 and 3 of 7 pictures; then 4 and 4, with the first one again."""
    rank, world_size = get_dist_info()
    evaluate, results = evaluator(), []
    for padding in ([], [0]):
        for index in [*range(NUMBER)[rank::world_size], *(padding if rank == world_size - 1 else [])]:
            evaluate.process([sample(index)])
        results.append(evaluate.evaluate(NUMBER))
    return results


def expected():
    pairs = [pair(index) for index in range(NUMBER)]
    return dict(PSNR=math.fsum(psnr(fake, truth) for fake, truth in pairs) / NUMBER,
                SSIM=math.fsum(ssim(fake, truth) for fake, truth in pairs) / NUMBER,
                Colourfulness=math.fsum(colourfulness(fake) for fake, _ in pairs) / NUMBER)


def test_means_over_pictures_whatever_the_batches():
    evaluate = evaluator()
    for batch in ([0, 1, 2, 3], [4, 5], [6]):
        evaluate.process([sample(index) for index in batch])
    assert evaluate.evaluate(NUMBER) == expected()
    for index in range(NUMBER):  # a second validation starts anew
        evaluate.process([sample(index)])
    assert evaluate.evaluate(NUMBER) == expected()


def test_two_processes_with_uneven_or_padded_shares_give_the_same_numbers():
    assert run_processes(evaluate_rank, 2) == [[expected()] * 2] * 2


def test_dict_samples_of_arrays_and_prefix():
    values = sample(1).numpy().to_dict()
    assert isinstance(values['fake'], np.ndarray)
    metric = PSNR(prefix='day')
    metric.process(None, [values])
    assert metric.evaluate(1) == {'day/PSNR': psnr(*pair(1))}


def test_16_bit_outputs_count_on_the_8_bit_scale():
    record = sample(2)
    metric = PSNR()
    deep = TranslationSample(metainfo=record.metainfo, fake=(record.fake.int() * 257).to(torch.uint16),
                             truth=record.truth)
    metric.process(None, [deep.to_dict()])
    assert metric.evaluate(1) == dict(PSNR=psnr(*pair(2)))


@pytest.mark.parametrize('metric', [PSNR, SSIM])
def test_missing_truth_is_an_error_that_says_what_to_do(metric):
    message = rf"{metric.__name__} needs `truth` of 3.png, which has \['fake'\]; give the evaluation dataset its truth"
    with pytest.raises(ValueError, match=message):
        metric().process(None, [sample(3, truth=True).to_dict()])
    assert Colourfulness().values(sample(3, truth=True).to_dict())


def test_missing_output_and_other_sizes_are_errors():
    with pytest.raises(ValueError, match='needs `fake`'):
        Colourfulness().process(None, [sample(3, fake=True).to_dict()])
    record = sample(3)
    record.fake = record.fake[:, 1:]
    for metric in (PSNR(), SSIM()):
        with pytest.raises(ValueError, match=r'output of 3.png is \(15, 20, 3\), its truth \(16, 20, 3\)'):
            metric.process(None, [record.to_dict()])


def test_another_number_of_pictures_is_an_error():
    metric = PSNR()
    metric.process(None, [sample(0).to_dict()])
    with pytest.raises(ValueError, match='PSNR: 1 different images were evaluated, the data set has 2'):
        metric.evaluate(2)
    with pytest.raises(ValueError, match='0 different images'):
        metric.evaluate(0)


def test_samples_without_identity_are_an_error():
    record = BaseDataElement(fake=sample(0).fake)
    with pytest.raises(KeyError, match='neither img_path nor sample_idx'):
        Colourfulness().process(None, [record.to_dict()])


def test_a_metric_of_ones_own_needs_one_method():
    class Brightness(PerImageMetric):
        def values(self, sample):
            return dict(Brightness=float(sample['fake'].float().mean()))
    metric = Brightness()
    for index in range(3):
        metric.process(None, [sample(index).to_dict()])
    assert metric.evaluate(3)['Brightness'] == pytest.approx(np.mean([pair(index)[0].mean() for index in range(3)]))
