"""Arrays through a model: the same numbers as a test run, at every size and depth."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nightgen.apis import ImageTranslation, as_picture, init_model


def reference(model: torch.nn.Module, picture: np.ndarray) -> np.ndarray:
    """The translation written out: to [-1, 1], the network, rounded to 0..255."""
    top = 255 if picture.dtype == np.uint8 else 65535
    x = torch.from_numpy(picture.astype(np.float32).transpose(2, 0, 1))[None] / top * 2 - 1
    with torch.no_grad():
        out = model.generators['day'](x).clamp(-1, 1)
    return ((out + 1) * 127.5).round()[0].numpy().transpose(1, 2, 0).astype(np.uint8)


@pytest.fixture
def model(tiny_config: Path, tiny_checkpoint: Path) -> torch.nn.Module:
    return init_model(tiny_config, tiny_checkpoint)


@pytest.mark.parametrize('shape', [(16, 24, 3), (17, 33, 3)])
@pytest.mark.parametrize('dtype', [np.uint8, np.uint16])
def test_exact_equals_the_network(model: torch.nn.Module, shape: tuple, dtype: type):
    picture = np.random.randint(0, np.iinfo(dtype).max, shape).astype(dtype)
    made, = ImageTranslation(model, precision='exact')([picture])
    assert made.dtype == np.uint8 and made.shape == shape
    assert np.abs(made.astype(int) - reference(model, picture)).max() <= (0 if dtype == np.uint8 else 1)


def test_the_fast_form_is_within_a_rounding_of_the_network(model: torch.nn.Module):
    picture = np.random.randint(0, 256, (32, 48, 3), dtype=np.uint8)
    fast, = ImageTranslation(model, precision='fp32')([picture])
    difference = np.abs(fast.astype(int) - reference(model, picture))
    assert difference.max() <= 1 and (difference > 0).mean() < 0.01


def test_a_batch_of_different_sizes_keeps_its_order(model: torch.nn.Module):
    pictures = [np.random.randint(0, 256, (size, 24, 3), dtype=np.uint8) for size in (16, 20, 16, 24, 20)]
    translation = ImageTranslation(model, precision='exact')
    for together, picture in zip(translation(pictures), pictures, strict=True):
        assert np.abs(together.astype(int) - translation([picture])[0]).max() <= 1  # convolutions of another batch size
        assert together.shape == picture.shape


def test_unknown_precision_and_direction(model: torch.nn.Module):
    with pytest.raises(ValueError, match='precision must be one of'):
        ImageTranslation(model, precision='int8')
    with pytest.raises(ValueError, match='night'):
        ImageTranslation(model, direction='night')


def test_a_network_without_a_fast_form_has_only_fp32(model: torch.nn.Module):
    model.generators['day'] = torch.nn.Identity()
    picture = np.random.randint(0, 256, (8, 8, 3), dtype=np.uint8)
    assert np.array_equal(ImageTranslation(model)([picture])[0], picture)
    with pytest.raises(ValueError, match='no 16-bit inference form'):
        ImageTranslation(model, precision='bf16')


def test_as_picture_takes_grey_and_alpha():
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert np.array_equal(as_picture(grey), np.stack([grey] * 3, -1))
    assert np.array_equal(as_picture(grey[..., None]), np.stack([grey] * 3, -1))
    rgba = np.random.randint(0, 9, (4, 5, 4)).astype(np.uint16)
    assert np.array_equal(as_picture(rgba), rgba[..., :3])


@pytest.mark.parametrize('array', [np.zeros((4, 4, 3)), [[1]]])
def test_as_picture_refuses_other_types(array: object):
    with pytest.raises(TypeError, match='uint8 or uint16'):
        as_picture(array)


@pytest.mark.parametrize('shape', [(4, 4, 2), (3,), (0, 4, 3)])
def test_as_picture_refuses_other_shapes(shape: tuple):
    with pytest.raises(ValueError, match='an image has the shape'):
        as_picture(np.zeros(shape, np.uint8))
