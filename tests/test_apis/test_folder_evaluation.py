"""Folders of pictures as samples, and metrics run over them."""

import json

import numpy as np
import pytest

from nightgen.apis.folder_evaluation import FolderSamples, evaluate_samples, picture_files
from nightgen.registry import METRICS
from nightgen.testing import write_pictures
from nightgen.utils.images import read_image, write_image


def test_files_by_key_in_natural_order(tmp_path):
    write_pictures(tmp_path, names=['f10.png', 'f9.jpg', 'cam/a.png'])
    (tmp_path / 'notes.txt').write_text('no image')
    assert list(picture_files(tmp_path)) == ['cam/a', 'f9', 'f10']
    with pytest.raises(FileNotFoundError, match='no image in'):
        (tmp_path / 'empty').mkdir()
        picture_files(tmp_path / 'empty')


def test_samples_carry_everything_by_name(tmp_path):
    for name in ('fake', 'source', 'truth'):
        write_pictures(tmp_path / name, names=['b.png', 'a.png'], seed=len(name))
    write_image(str(tmp_path / 'source/a.png'), np.full((24, 32), 700, np.uint16))  # 16 bit and grey
    for key in 'ab':
        write_pictures(tmp_path / 'label', names=[f'{key}.png'])
        write_image(str(tmp_path / 'label' / f'{key}.png'), np.full((24, 32), 13, np.uint8))
    (tmp_path / 'boxes.json').write_text(json.dumps(dict(
        images=[dict(id=1, file_name='a.png'), dict(id=2, file_name='b.png')], categories=[dict(id=1, name='car')],
        annotations=[dict(image_id=2, category_id=1, bbox=[1, 2, 3, 4])])))
    samples = FolderSamples(*(tmp_path / name for name in ('fake', 'source', 'truth', 'label', 'boxes.json')))
    first, second = samples
    assert len(samples) == 2 and first['key'] == 'a' and second['sample_idx'] == 1 and samples.left_over == []
    np.testing.assert_array_equal(second['truth'].permute(1, 2, 0), read_image(tmp_path / 'truth/b.png'))
    assert first['source'].unique().tolist() == [3] and first['source'].shape == (3, 24, 32)
    assert first['label'].unique().tolist() == [13] and second['boxes']['bboxes'].tolist() == [[1, 2, 4, 6]]


def test_metrics_run_in_batches_and_must_not_share_a_name(tmp_path):
    write_pictures(tmp_path, 5)
    samples, seen = FolderSamples(tmp_path, truth=tmp_path), []
    metrics = [METRICS.build(dict(type=name)) for name in ('PSNR', 'SSIM')]
    numbers = evaluate_samples(metrics, samples, batch_size=2, progress=seen.append)
    assert numbers == {'PSNR': float('inf'), 'SSIM': pytest.approx(1)} and seen == [2, 2, 1]
    with pytest.raises(ValueError, match="two metrics give .'PSNR'"):
        evaluate_samples([metrics[0], METRICS.build(dict(type='PSNR'))], samples)


def test_sources_are_read_in_the_range_that_was_translated(tmp_path):
    write_pictures(tmp_path / 'fake', names=['a.png'])
    counts = np.linspace(7000, 7255, 24 * 32).round().astype(np.uint16).reshape(24, 32)
    (tmp_path / 'source').mkdir()
    write_image(str(tmp_path / 'source/a.png'), counts)
    for value_range, expected in (('minmax', counts - 7000), ('full', np.rint(counts / 257))):
        sample, = FolderSamples(tmp_path / 'fake', tmp_path / 'source', source_range=value_range)
        assert np.array_equal(sample['source'][0].numpy(), expected)
