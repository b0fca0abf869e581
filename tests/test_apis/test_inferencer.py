"""The inferencer: every kind of input, the files that it writes, and what it says about bad ones."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from nightgen.apis import ImageTranslation, NightgenInferencer, init_model
from nightgen.registry import INFERENCERS
from nightgen.utils.cli import UsageError
from nightgen.utils.images import BrokenImageError, read_image, write_image


@pytest.fixture
def inferencer(tiny_config: Path, tiny_checkpoint: Path) -> NightgenInferencer:
    return NightgenInferencer(tiny_config, tiny_checkpoint, device='cpu', precision='exact')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures, one of them in a sub-folder."""
    root = tmp_path / 'night'
    (root / 'cam').mkdir(parents=True)
    for seed, name in enumerate(('a2.png', 'a10.png', 'cam/b.png')):
        write_image(str(root / name), np.random.default_rng(seed).integers(0, 256, (16, 20, 3), dtype=np.uint8))
    return root


def test_path_array_and_list_give_the_same(inferencer: NightgenInferencer, folder: Path):
    array = read_image(str(folder / 'a2.png'))
    one = inferencer(folder / 'a2.png')['predictions']
    other = inferencer(array)['predictions']
    both = inferencer([array, str(folder / 'a2.png')], batch_size=2)['predictions']
    assert len(one) == len(other) == 1 and len(both) == 2
    assert one[0].dtype == np.uint8 and one[0].shape == (16, 20, 3)
    assert np.array_equal(one[0], other[0]) and np.array_equal(both[0], both[1])


def test_a_folder_is_written_under_its_names(inferencer: NightgenInferencer, folder: Path, tmp_path: Path):
    predictions = inferencer(str(folder), out_dir=tmp_path / 'day', batch_size=2)['predictions']
    names = ['a2.png', 'a10.png', 'cam/b.png']
    for name, prediction in zip(names, predictions, strict=True):
        assert np.array_equal(read_image(str(tmp_path / 'day' / name)), prediction)
    assert len(list((tmp_path / 'day').rglob('*.*'))) == 3


def test_arrays_are_written_under_their_numbers(inferencer: NightgenInferencer, tmp_path: Path):
    arrays = [np.zeros((12, 12, 3), np.uint8), np.full((12, 14), 9, np.uint8)]
    predictions = inferencer(arrays, out_dir=tmp_path)['predictions']
    assert np.array_equal(read_image(str(tmp_path / '000001.png')), predictions[1])


def test_grey_alpha_and_16_bit_files_are_taken(inferencer: NightgenInferencer, tmp_path: Path):
    grey = np.random.randint(0, 256, (16, 16), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / 'grey.png'), grey)
    cv2.imwrite(str(tmp_path / 'rgba.png'), np.dstack([grey] * 3 + [grey // 2]))
    cv2.imwrite(str(tmp_path / 'deep.png'), np.dstack([grey.astype(np.uint16) * 257] * 3))
    results = [inferencer(tmp_path / f'{name}.png')['predictions'][0] for name in ('grey', 'rgba', 'deep')]
    assert np.array_equal(results[0], results[1])
    assert np.abs(results[0].astype(int) - results[2]).max() <= 1


def test_it_is_in_the_registry_and_defaults_to_the_fast_form(tiny_config: Path, tiny_checkpoint: Path):
    made = INFERENCERS.build(dict(type='NightgenInferencer', config_or_name=str(tiny_config),
                                  weights=str(tiny_checkpoint), device='cpu'))
    picture = np.random.randint(0, 256, (24, 24, 3), dtype=np.uint8)
    exact, = ImageTranslation(init_model(tiny_config, tiny_checkpoint), precision='exact')([picture])
    assert np.abs(made(picture)['predictions'][0].astype(int) - exact).max() <= 1


def test_pil_images_and_bytes_are_the_file(inferencer: NightgenInferencer, folder: Path, tmp_path: Path):
    path = folder / 'a2.png'
    expected = inferencer(path)['predictions'][0]
    made = inferencer([Image.open(path), path.read_bytes()], out_dir=tmp_path / 'out', batch_size=2)['predictions']
    assert all(np.array_equal(picture, expected) for picture in made)
    assert np.array_equal(inferencer(path.read_bytes())['predictions'][0], expected)
    assert np.array_equal(inferencer(Image.open(path).convert('RGBA'))['predictions'][0], expected)
    assert sorted(file.name for file in (tmp_path / 'out').iterdir()) == ['000000.png', '000001.png']
    with pytest.raises(BrokenImageError, match='<bytes of input 1>'):
        inferencer([path, path.read_bytes()[:100]])


def test_pil_images_of_every_mode_are_as_their_files(inferencer: NightgenInferencer, tmp_path: Path):
    picture = Image.fromarray(np.random.default_rng(3).integers(0, 256, (16, 20, 3), dtype=np.uint8))
    deep = Image.fromarray(np.random.default_rng(4).integers(0, 65536, (16, 20), dtype=np.uint16))
    exif = Image.Exif()
    exif[0x0112] = 6
    for name, image, options in (('grey', picture.convert('L'), {}), ('palette', picture.quantize(16), {}),
                                 ('deep', deep, {}), ('turned', picture, dict(exif=exif))):
        image.save(tmp_path / f'{name}.png', **options)
        read = Image.open(tmp_path / f'{name}.png')
        both = inferencer([read, tmp_path / f'{name}.png'])['predictions']
        assert np.array_equal(*both)
    assert inferencer(Image.open(tmp_path / 'turned.png'))['predictions'][0].shape == (20, 16, 3)
    with pytest.raises(TypeError, match="mode 'F'"):
        inferencer(deep.convert('F'))


def test_a_range_is_of_files_and_arrays(tiny_config: Path, tiny_checkpoint: Path, tmp_path: Path):
    grey = np.arange(256, dtype=np.uint16).reshape(16, 16)
    write_image(str(tmp_path / 'counts.png'), grey + 7000)
    build = dict(weights=tiny_checkpoint, device='cpu', precision='exact')
    expected = NightgenInferencer(tiny_config, **build)(grey.astype(np.uint8))['predictions'][0]
    stated = NightgenInferencer(tiny_config, range=(7000, 7255), **build)
    for made in stated([tmp_path / 'counts.png', grey + 7000, (tmp_path / 'counts.png').read_bytes()])['predictions']:
        assert np.abs(made.astype(int) - expected).max() <= 1
    with pytest.raises(ValueError, match='range is one of'):
        NightgenInferencer(tiny_config, range='loud', **build)


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')
def test_a_device_that_is_not_there_is_a_usage_error(tiny_config: Path, tiny_checkpoint: Path):
    with pytest.raises(UsageError, match='device cuda cannot be used here'):
        NightgenInferencer(tiny_config, tiny_checkpoint, device='cuda')


def test_without_weights_it_warns(tiny_config: Path):
    with pytest.warns(UserWarning, match='untrained'):
        NightgenInferencer(tiny_config, device='cpu')


def test_bad_inputs_are_named(inferencer: NightgenInferencer, folder: Path, tmp_path: Path):
    data = (folder / 'a2.png').read_bytes()
    (folder / 'cut.png').write_bytes(data[:len(data) // 2])
    with pytest.raises(BrokenImageError, match='cut.png'):
        inferencer(folder)
    with pytest.raises(FileNotFoundError, match='nowhere'):
        inferencer(tmp_path / 'nowhere')
    with pytest.raises(TypeError, match='got int'):
        inferencer([3])
    with pytest.raises(ValueError, match='batch_size'):
        inferencer(folder / 'a2.png', batch_size=0)
    with pytest.raises(ValueError, match='overwrite an input'):
        inferencer(folder / 'a2.png', out_dir=folder)
