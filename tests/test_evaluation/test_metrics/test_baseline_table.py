"""The rows above the model."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.evaluator import Evaluator

from nightgen.datasets import ColorizationDataset, SingleDomainDataset
from nightgen.evaluation import metric_table
from nightgen.evaluation.functional import BASELINES, ColourStatistics, baseline_outputs, equalise_locally, psnr, ssim
from nightgen.registry import METRICS
from nightgen.testing import random_picture, write_pictures
from nightgen.utils.images import image_to_tensor, read_image, write_image

METRIC_CONFIGS = [dict(type='PSNR'), dict(type='SSIM')]


@pytest.fixture
def world(tmp_path):
    for place, number, seed in (('train/night', 3, 1), ('train/day', 4, 2), ('test/night', 5, 3), ('test/day', 5, 4)):
        write_pictures(tmp_path / place, number=number, seed=seed)
    for path in (tmp_path / 'train/night').iterdir():  # nights are darker
        write_image(str(path), read_image(path) // 3)

    def folder(place):
        return dict(type='ImageFolderDataset', data_root=str(tmp_path / place),
                    pipeline=[dict(type='LoadImage'), dict(type='PackTranslationInputs')])
    return tmp_path, folder


def test_rows_equal_the_functions(world):
    root, folder = world
    table = METRICS.build(dict(type='BaselineTable', metrics=METRIC_CONFIGS, day=folder('train/day'),
                               night=folder('train/night')))
    evaluator = Evaluator([table, *map(METRICS.build, METRIC_CONFIGS)])
    dataset = SingleDomainDataset('night', folder('test/night'), folder('test/day'))
    for start in (0, 2, 4):
        batch = pseudo_collate([dataset[index] for index in range(start, min(start + 2, 5))])
        outputs = [sample.new() for sample in batch['data_samples']]
        for output in outputs:
            output.fake = torch.full((3, 24, 32), 120, dtype=torch.uint8)
        evaluator.process(outputs, batch)
    results = evaluator.evaluate(5)

    def images(place):
        return [read_image(path) for path in sorted((root / place).iterdir())]
    day, night = ColourStatistics.of(images('train/day')), ColourStatistics.of(images('train/night'))
    answers = [baseline_outputs(source, day, night) for source in images('test/night')]
    rows = ('night_input', *BASELINES[1:])
    for row, name in zip(rows, BASELINES, strict=True):
        for key, function in dict(PSNR=psnr, SSIM=ssim).items():
            values = [function(answer[name], truth) for answer, truth in zip(answers, images('test/day'), strict=True)]
            assert results[f'{row}/{key}'] == pytest.approx(math.fsum(values) / 5, abs=1e-12)
    assert list(results) == [f'{row}/{key}' for row in rows for key in ('PSNR', 'SSIM')] + ['PSNR', 'SSIM']
    lines = metric_table(results, 'N2D-LPNet').splitlines()
    assert [line[:18].strip() for line in lines] == ['', 'night input', 'mean day frame', 'gamma', 'histogram matching',
                                                    'N2D-LPNet']


def test_source_in_the_sample_is_preferred_and_its_absence_an_error(world):
    _, folder = world
    table = METRICS.build(dict(type='BaselineTable', metrics=[dict(type='PSNR')], day=folder('train/day'),
                               night=folder('train/night'), baselines=['night_input']))
    sample = dict(img_path='a.png', domain='night', truth=torch.zeros(3, 12, 12, dtype=torch.uint8))
    table.process(None, [dict(sample, source=torch.ones(3, 12, 12, dtype=torch.uint8))])
    assert table.evaluate(1) == {'night_input/PSNR': pytest.approx(20 * math.log10(255))}
    with pytest.raises(KeyError, match='neither `source` in the sample nor `real_night` in the batch'):
        table.process(dict(inputs={}), [sample])


def test_local_equalisation_is_a_row_that_needs_no_set():
    table = METRICS.build(dict(type='BaselineTable', metrics=[dict(type='PSNR')], baselines=['clahe']))
    source, truth = (random_picture(24, 32, seed=seed) // 3 for seed in (1, 2))
    table.process(None, [dict(img_path='a.png', source=image_to_tensor(source), truth=image_to_tensor(truth))])
    assert table.evaluate(1) == {'clahe/PSNR': pytest.approx(psnr(equalise_locally(source), truth))}


def test_at_most_so_many_pictures_are_counted(world):
    root, folder = world
    table = METRICS.build(dict(type='BaselineTable', metrics=[], day=folder('train/day'), night=folder('train/night'),
                               max_images=2))
    files = sorted((root / 'train/day').iterdir())
    expected = ColourStatistics.of([read_image(files[0]), read_image(files[3])])
    np.testing.assert_array_equal(table.statistics()['day'].histogram, expected.histogram)
    assert table.statistics() is table.statistics()


def test_faulty_arguments(world):
    _, folder = world
    sets = dict(day=folder('train/day'), night=folder('train/night'))
    with pytest.raises(ValueError, match=r"unknown baselines \['magic'\], there are \['true_day', 'night_input'"):
        METRICS.build(dict(type='BaselineTable', metrics=[], baselines=['magic'], **sets))
    with pytest.raises(ValueError, match=r"the rows \['gamma'\] need the training sets"):
        METRICS.build(dict(type='BaselineTable', metrics=[], baselines=['gamma', 'true_day']))
    with pytest.raises(ValueError, match='give one training set of the translated domain'):
        METRICS.build(dict(type='BaselineTable', metrics=[], thermal=folder('train/night'), **sets))
    with pytest.raises(ValueError, match=r"\['gamma'\] are rows of baselines and of folders"):
        METRICS.build(dict(type='BaselineTable', metrics=[], folders=dict(gamma='somewhere'), **sets))


def test_the_input_row_is_named_after_its_domain(world):
    _, folder = world
    table = METRICS.build(dict(type='BaselineTable', metrics=[], day=folder('train/day'),
                               thermal=folder('train/night')))
    assert table.baselines == ('thermal_input', *BASELINES[1:])
    image = torch.full((3, 8, 8), 7, dtype=torch.uint8)
    answers = table.answers(dict(img_path='a.png', domain='thermal', source=image))
    assert torch.equal(answers['thermal_input'], image)
    with pytest.raises(ValueError, match="'thermal_input' is the input itself, which here is 'night_input'"):
        table.answers(dict(img_path='a.png', domain='night', source=image))


def test_the_negative_turns_the_tones_over():
    table = METRICS.build(dict(type='BaselineTable', metrics=METRIC_CONFIGS[:1], baselines=['negative']))
    image = torch.tensor([0, 7, 255], dtype=torch.uint8).view(3, 1, 1)
    answer = table.answers(dict(img_path='a.png', domain='thermal', source=image))['negative']
    assert answer.dtype is torch.uint8 and answer.flatten().tolist() == [255, 248, 0]


def test_the_grey_input_of_a_colorizer(world):
    _, folder = world
    table = METRICS.build(dict(type='BaselineTable', metrics=METRIC_CONFIGS[:1], baselines=('true_day', 'grey_input')))
    sample = ColorizationDataset(folder('test/day'))[0]['data_samples']
    sample.source = sample.truth.float().mean(0, keepdim=True).repeat(3, 1, 1).byte()
    answers = table.answers(sample.to_dict())
    assert torch.equal(answers['true_day'], sample.truth) and torch.equal(answers['grey_input'], sample.source)


def test_rows_from_folders_are_read_by_file_name(world):
    root, folder = world
    metrics = [dict(type='PSNR')]
    table = METRICS.build(dict(type='BaselineTable', metrics=metrics, baselines=['night_input'],
                               folders=dict(other_sensor=str(root / 'test/day'))))
    dataset = SingleDomainDataset('night', folder('test/night'), folder('test/day'))
    for index in range(5):
        table.process(pseudo_collate([dataset[index]]), [dataset[index]['data_samples'].to_dict()])
    assert table.evaluate(5)['other_sensor/PSNR'] == math.inf  # the folder holds the truth
    (root / 'test/day' / Path(dataset[3]['data_samples'].img_path).name).unlink()
    sample = SingleDomainDataset('night', folder('test/night'))[3]['data_samples'].to_dict()
    with pytest.raises(FileNotFoundError, match="the row 'other_sensor' has no image"):
        table.answers(dict(sample, source=torch.zeros(3, 8, 8, dtype=torch.uint8)))


def test_a_row_of_one_answer_for_each_camera(world):
    root, folder = world
    table = METRICS.build(dict(type='BaselineTable', metrics=[], baselines=(),
                               folders=dict(median_day='{root}/references/{camera}.png')))
    table.dataset_meta = dict(data_root=str(root))
    write_pictures(root / 'references', names=['gate.png'], seed=5)
    answers = table.answers(dict(img_path='a.png', camera='gate', source=torch.zeros(3, 8, 8, dtype=torch.uint8)))
    assert answers['median_day'].equal(image_to_tensor(read_image(str(root / 'references/gate.png'))))
    with pytest.raises(FileNotFoundError, match="'median_day' has no image .*/references/yard.png"):
        table.answers(dict(img_path='a.png', camera='yard', source=torch.zeros(3, 8, 8, dtype=torch.uint8)))


def test_distances_of_sets_and_the_row_of_the_truth(world):
    _, folder = world
    metrics = [dict(type='PSNR'), dict(type='FrechetInceptionDistance', extractor=dict(type='ToyFeatures'),
                                       real=folder('test/day')), dict(type='APCE')]
    table = METRICS.build(dict(type='BaselineTable', metrics=metrics, baselines=['true_day', 'night_input']))
    dataset = SingleDomainDataset('night', folder('test/night'), folder('test/day'))
    for index in range(5):
        sample = dataset[index]
        table.process(pseudo_collate([sample]), [sample['data_samples'].to_dict()])
    results = table.evaluate(5)
    assert list(results) == [f'{row}/{key}' for row in ('true_day', 'night_input')
                             for key in ('PSNR', 'FD_toy', 'APCE')]
    assert results['true_day/FD_toy'] == pytest.approx(0, abs=1e-9) and results['night_input/FD_toy'] > 0.01
    assert results['night_input/APCE'] == 1 and results['true_day/PSNR'] == math.inf
    assert table.details['true_day']['FrechetInceptionDistance']['real'] == 5


def test_a_row_of_the_data_set_that_lies_beside_the_evaluated_one(world):
    root, folder = world
    write_pictures(root / 'test/other', number=5, seed=9)
    other = dict(type='ImageFolderDataset', data_root='auto', data_prefix=dict(img='../other'))
    rows = dict(place=str(root / 'test/other'), dataset=other)
    table = METRICS.build(dict(type='BaselineTable', metrics=METRIC_CONFIGS, baselines=(), folders=rows))
    dataset = SingleDomainDataset('night', folder('test/night'), folder('test/day'))
    table.dataset_meta = dataset.metainfo
    for index in range(5):
        sample = dataset[index]
        table.process(pseudo_collate([sample]), [sample['data_samples'].to_dict()])
    numbers = table.evaluate(5)
    assert numbers['dataset/PSNR'] == numbers['place/PSNR'] and numbers['dataset/SSIM'] == numbers['place/SSIM']
    assert numbers['place/PSNR'] == pytest.approx(np.mean([
        psnr(read_image(root / f'test/other/{index:06d}.png'), read_image(root / f'test/day/{index:06d}.png'))
        for index in range(5)]))


def test_statistics_are_of_the_range_that_is_translated(world, tmp_path):
    """Counts in a narrow band have the statistics of the picture that they make over 8 bits."""
    _, folder = world
    grey = np.random.default_rng(0).integers(0, 256, (24, 32), dtype=np.uint8)
    for name, picture in (('shallow', grey), ('counts', grey.astype(np.uint16) + 7000)):
        (tmp_path / name).mkdir()
        write_image(str(tmp_path / name / 'a.png'), picture)
    shallow, counts = (METRICS.build(dict(type='BaselineTable', metrics=METRIC_CONFIGS, day=folder('train/day'),
                                          thermal=config)).statistics()['source']
                       for config in (folder('shallow'), dict(folder('counts'), range=(7000, 7255))))
    np.testing.assert_array_equal(shallow.mean_colour, counts.mean_colour)
