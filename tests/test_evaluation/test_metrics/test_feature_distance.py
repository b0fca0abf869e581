"""FID and KID over samples: the distance, the real set and its cache, what is said beside it."""

import os

import numpy as np
import pytest
import torch

from nightgen.evaluation.functional import frechet_distance, polynomial_mmd
from nightgen.registry import METRICS
from nightgen.testing import (
    ToyFeatures,
    metric_sample,
    random_picture,
    run_metric,
    write_pictures,
)
from nightgen.utils.images import image_to_tensor, read_image


def samples(count=7):
    return [metric_sample(index, fake=random_picture(10 + 2 * (index % 2), 14, seed=index),
                          truth=random_picture(12, 14, seed=50 + index)) for index in range(count)]


def features(pictures):
    return np.concatenate([ToyFeatures()(torch.as_tensor(picture)[None]).numpy() for picture in pictures])


def folder(path):
    return dict(type='ImageFolderDataset', data_prefix=dict(img=str(path)))


def expected_distance(fake, real):
    return frechet_distance(fake.mean(axis=0), np.cov(fake, rowvar=False), real.mean(axis=0),
                            np.cov(real, rowvar=False))


def test_distance_to_a_folder_of_another_number_of_pictures(tmp_path):
    paths = write_pictures(tmp_path / 'real', 9, seed=3)
    real = features([image_to_tensor(read_image(path)) for path in paths])
    fake = features([sample['fake'] for sample in samples()])
    metric = METRICS.build(dict(type='FrechetInceptionDistance', extractor=dict(type='ToyFeatures'),
                                real=folder(tmp_path / 'real'), batch_size=2))
    result = run_metric(metric, samples(), batch_size=3)
    assert result == {'FD_toy': pytest.approx(expected_distance(fake, real), rel=1e-9)}
    assert metric.details == dict(network=dict(name='toy', sha256='none', resize='none'), fake=7, real=9)
    kernel = run_metric(dict(type='KernelInceptionDistance', extractor=dict(type='ToyFeatures'), prefix='day',
                             real=folder(tmp_path / 'real')), samples())
    assert kernel == {'day/KD_toy': pytest.approx(polynomial_mmd(fake, real), rel=1e-5)}


@pytest.mark.parametrize('kind', ['FrechetInceptionDistance', 'KernelInceptionDistance'])
def test_truth_as_the_real_set_and_a_second_evaluation(kind):
    metric = METRICS.build(dict(type=kind, extractor=dict(type='ToyFeatures', name='inception'), real='truth'))
    first = run_metric(metric, samples())
    assert list(first) == ['FID' if kind.startswith('F') else 'KID']
    assert run_metric(metric, samples()) == first  # nothing of the first evaluation is left
    fake, real = (features([sample[name] for sample in samples()]) for name in ('fake', 'truth'))
    function = expected_distance if kind.startswith('F') else polynomial_mmd
    assert next(iter(first.values())) == pytest.approx(function(fake, real), rel=1e-5)


def test_cache_belongs_to_files_and_network(tmp_path):
    paths = write_pictures(tmp_path / 'real', 5, seed=3)
    config = dict(type='FrechetInceptionDistance', extractor=dict(type='ToyFeatures'), real=folder(tmp_path / 'real'),
                  cache_dir=str(tmp_path / 'cache'))
    first = run_metric(config, samples())
    (name,) = os.listdir(tmp_path / 'cache')
    content = dict(np.load(tmp_path / 'cache' / name))
    np.savez(tmp_path / 'cache' / name, **dict(content, total=content['total'] + 1))  # to see that it is read
    assert run_metric(config, samples()) != first
    run_metric(dict(config, extractor=dict(type='ToyFeatures', name='other')), samples())
    assert len(os.listdir(tmp_path / 'cache')) == 2
    os.utime(paths[0], (1, 1))
    assert run_metric(config, samples()) == first
    assert len(os.listdir(tmp_path / 'cache')) == 3


def test_single_pictures_are_errors(tmp_path):
    config = dict(type='FrechetInceptionDistance', extractor=dict(type='ToyFeatures'), real='truth')
    with pytest.raises(ValueError, match='at least two images in each set, got 1'):
        run_metric(config, samples(1))
    write_pictures(tmp_path / 'one', 1)
    with pytest.raises(ValueError, match='KernelInceptionDistance: .* got 7 and 1'):
        run_metric(dict(type='KernelInceptionDistance', extractor=dict(type='ToyFeatures'),
                        real=folder(tmp_path / 'one')), samples())


def test_pictures_seen_twice_or_not_at_all_are_errors():
    config = dict(type='FrechetInceptionDistance', extractor=dict(type='ToyFeatures'), real='truth')
    with pytest.raises(ValueError, match='round_up=False'):
        run_metric(config, samples() + samples(1), size=7)
    with pytest.raises(ValueError, match='has 9 images, 7 were evaluated'):
        run_metric(config, samples(), size=9)


def test_missing_real_set_fails_at_the_first_batch(tmp_path):
    metric = METRICS.build(dict(type='FrechetInceptionDistance', extractor=dict(type='ToyFeatures'),
                                real=folder(tmp_path / 'none')))
    with pytest.raises(FileNotFoundError, match='does not exist'):
        metric.process(None, samples(2))


def test_what_is_no_extractor_and_no_set():
    with pytest.raises(TypeError, match='identity'):
        METRICS.build(dict(type='FrechetInceptionDistance', extractor=torch.nn.Identity(), real='truth'))
    with pytest.raises(ValueError, match="or 'truth'"):
        METRICS.build(dict(type='FrechetInceptionDistance', extractor=dict(type='ToyFeatures'), real='data/day'))


def test_missing_weights_are_never_replaced():
    for extractor, match in ((dict(type='InceptionFeatures'), 'Nothing is used in its place'),
                             (dict(type='VGGFeatures'), 'Nothing is used in its place')):
        with pytest.raises(ValueError, match=match):
            METRICS.build(dict(type='FrechetInceptionDistance', extractor=extractor, real='truth'))
    with pytest.raises(FileNotFoundError, match='nowhere.pth'):
        METRICS.build(dict(type='FrechetInceptionDistance', real='truth',
                           extractor=dict(type='InceptionFeatures', weights='nowhere.pth')))
