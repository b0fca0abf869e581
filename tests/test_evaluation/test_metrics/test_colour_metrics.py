"""Chroma errors and histograms over samples."""

import numpy as np
import pytest
from skimage.color import rgb2lab

from nightgen.evaluation.functional import chroma_counts, chroma_errors, histogram_intersection
from nightgen.registry import METRICS
from nightgen.testing import metric_sample, random_picture, run_metric, write_pictures
from nightgen.utils.images import read_image


def samples(count=4):
    return [metric_sample(index, fake=random_picture(16, 20, seed=index), truth=random_picture(16, 20, seed=30 + index))
            for index in range(count)]


def pictures(name):
    return [sample[name].permute(1, 2, 0).numpy() for sample in samples()]


def test_chroma_error_is_a_mean_over_pictures():
    errors = np.array([chroma_errors(fake, truth) for fake, truth in zip(pictures('fake'), pictures('truth'),
                                                                         strict=True)])
    assert run_metric(dict(type='ChromaError'), samples()) == \
        {'ChromaError': pytest.approx(errors[:, 0].mean()), 'PSNR_ab': pytest.approx(errors[:, 1].mean())}
    with pytest.raises(ValueError, match='needs `truth`'):
        run_metric(dict(type='ChromaError'), [metric_sample(0, fake=random_picture(8, 8))])
    with pytest.raises(ValueError, match='ChromaError: the output of 000000.png'):
        run_metric(dict(type='ChromaError'), [metric_sample(0, fake=random_picture(8, 8), truth=random_picture(8, 9))])


def test_histogram_against_the_truth():
    metric = METRICS.build(dict(type='ChromaHistogram'))
    result = run_metric(metric, samples())
    shares = []
    for channel in (1, 2):
        values = [np.concatenate([rgb2lab(image)[..., channel].ravel() for image in pictures(name)])
                  for name in ('fake', 'truth')]
        shares.append(np.minimum(*[np.histogram(part, np.arange(-110, 110))[0] / len(part) for part in values]).sum())
    assert result['ChromaIntersection_a'] == pytest.approx(shares[0])
    assert result['ChromaIntersection'] == pytest.approx(np.mean(shares)) and result['ChromaDivergence'] > 0
    curve = metric.details['fake']['b']
    assert len(curve) == 219 and metric.details['fake_pictures'] == metric.details['real_pictures'] == 4
    assert max(curve) == pytest.approx(np.log(sum(chroma_counts(image)[1] for image in pictures('fake')).max() / 4))


def test_histogram_against_a_folder(tmp_path):
    paths = write_pictures(tmp_path, 3, seed=9)
    real = dict(type='ImageFolderDataset', data_prefix=dict(img=str(tmp_path)))
    expected = histogram_intersection(sum(chroma_counts(image) for image in pictures('fake')),
                                      sum(chroma_counts(read_image(path)) for path in paths))
    metric = METRICS.build(dict(type='ChromaHistogram', real=real, prefix='day'))
    assert run_metric(metric, samples())['day/ChromaIntersection'] == pytest.approx(expected.mean())
    assert metric.details['real_pictures'] == 3
    with pytest.raises(FileNotFoundError):
        missing = dict(real, data_prefix=dict(img=str(tmp_path / 'none')))
        run_metric(dict(type='ChromaHistogram', real=missing), samples())
    with pytest.raises(ValueError, match="or 'truth'"):
        METRICS.build(dict(type='ChromaHistogram', real='data/day'))


def test_equal_pictures_share_everything():
    equal = [dict(sample, truth=sample['fake']) for sample in samples()]
    result = run_metric(dict(type='ChromaHistogram'), equal)
    assert result['ChromaIntersection'] == pytest.approx(1) and result['ChromaDivergence'] == 0
    assert run_metric(dict(type='ChromaError'), equal) == {'ChromaError': 0, 'PSNR_ab': float('inf')}


def test_the_error_of_each_class():
    """Over all pixels of a class in the data set, by scikit-image in float64; 255 counts for none."""
    fakes, truths = [random_picture(6, 8, seed) for seed in (1, 2)], [random_picture(6, 8, seed) for seed in (3, 4)]
    labels = [np.full((6, 8), 3), np.full((6, 8), 0)]
    labels[0][:2], labels[0][:, 7], labels[1][3:] = 0, 255, 8
    found = run_metric(dict(type='ChromaError', label_set='camvid'), [
        dict(metric_sample(index, fake=fake, truth=truth), label=label)
        for index, (fake, truth, label) in enumerate(zip(fakes, truths, labels, strict=True))])
    errors = np.concatenate([np.abs(rgb2lab(fake) - rgb2lab(truth))[..., 1:].mean(-1).ravel()
                             for fake, truth in zip(fakes, truths, strict=True)])
    flat = np.concatenate([label.ravel() for label in labels])
    for name, number in dict(sky=0, road=3, car=8).items():
        assert found[f'ChromaError_{name}'] == pytest.approx(errors[flat == number].mean(), rel=1e-6)
    assert np.isnan(found['ChromaError_tree']) and len(found) == 2 + 12
    with pytest.raises(ValueError, match='has no label map'):
        run_metric(dict(type='ChromaError', label_set='camvid'), [metric_sample(0, fake=fakes[0], truth=truths[0])])
    with pytest.raises(ValueError, match=r'the label map is \(6, 7\)'):
        run_metric(dict(type='ChromaError', label_set='camvid'), [
            dict(metric_sample(0, fake=fakes[0], truth=truths[0]), label=labels[0][:, :7])])


def test_dark_chroma_spread_leaves_out_pictures_without_black():
    black, bright = np.zeros((4, 6, 3), np.uint8), np.full((4, 6, 3), 99, np.uint8)
    striped = bright.copy()
    striped[:, ::2] = 200, 30, 40
    colours = rgb2lab(striped)[0, :2, 1:]
    expected = np.linalg.norm(colours[0] - colours[1]) / 2  # half of the pixels of each
    records = [metric_sample(0, fake=striped, source=black), metric_sample(1, fake=bright, source=black),
               metric_sample(2, fake=striped, source=bright)]
    metric = METRICS.build(dict(type='DarkChromaSpread'))
    assert run_metric(metric, records) == dict(DarkChromaSpread=pytest.approx(expected / 2, rel=1e-6))
    assert metric.details == dict(pictures=2, without_black=1)
    with pytest.raises(ValueError, match='none of 1 sources has a pixel that is at most 25'):
        run_metric(dict(type='DarkChromaSpread'), records[2:])
    with pytest.raises(ValueError, match='needs `source`'):
        run_metric(dict(type='DarkChromaSpread'), [metric_sample(0, fake=striped)])
    with pytest.raises(ValueError, match='DarkChromaSpread: the output of 000000.png'):
        run_metric(dict(type='DarkChromaSpread'), [metric_sample(0, fake=striped[:3], source=black)])
