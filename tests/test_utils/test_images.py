"""Reading pictures: every kind that users have, and no broken one."""

import io
import pickle
import zlib

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from nightgen.testing import random_picture
from nightgen.utils.images import (
    BrokenImageError,
    decode_image,
    image_to_tensor,
    read_image,
    tensor_to_image,
    to_uint8,
    truncation,
    write_image,
)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


PICTURE = random_picture(21, 33)
PIL_PICTURE = Image.fromarray(PICTURE)


@pytest.mark.parametrize('kind', ['PNG', 'BMP', 'TIFF', 'PPM'])
def test_rgb_order_of_lossless_files(kind):
    np.testing.assert_array_equal(decode_image(encoded(PIL_PICTURE, kind)), PICTURE)


@pytest.mark.parametrize('options', [dict(), dict(progressive=True), dict(restart_marker_blocks=1)])
def test_jpeg_equals_pillow(options):
    data = encoded(PIL_PICTURE, 'JPEG', quality=95, **options)
    difference = np.abs(decode_image(data).astype(int) - np.asarray(Image.open(io.BytesIO(data))))
    assert difference.max() <= 8 and difference.mean() < 1  # decoders differ in how they upsample chroma


def test_grey_is_repeated():
    grey = random_picture(9, 8, channels=1)
    image = decode_image(encoded(Image.fromarray(grey), 'PNG'))
    np.testing.assert_array_equal(image, np.repeat(grey[..., None], 3, axis=2))
    np.testing.assert_array_equal(decode_image(encoded(Image.fromarray(grey), 'PNG'), mode='grey'), grey)


def test_alpha_is_dropped_and_palette_resolved():
    rgba = np.dstack([PICTURE, np.zeros(PICTURE.shape[:2], np.uint8)])
    np.testing.assert_array_equal(decode_image(encoded(Image.fromarray(rgba), 'PNG')), PICTURE)
    palette = PIL_PICTURE.quantize(16)
    np.testing.assert_array_equal(decode_image(encoded(palette, 'PNG')), np.asarray(palette.convert('RGB')))
    grey_alpha = PIL_PICTURE.convert('LA')
    np.testing.assert_array_equal(decode_image(encoded(grey_alpha, 'PNG'))[..., 0], np.asarray(grey_alpha)[..., 0])


@pytest.mark.parametrize('kind', ['TIFF', 'PNG', 'WEBP'])
def test_alpha_does_not_darken_colours(kind):
    """OpenCV multiplies those of a TIFF by it; divided again they are right to the rounding of their products."""
    colours, alpha = random_picture(12, 10), np.full((12, 10), 128, np.uint8)
    alpha[:3] = 255
    image = Image.fromarray(np.dstack([colours, alpha]))
    decoded = decode_image(encoded(image, kind, **(dict(lossless=True) if kind == 'WEBP' else {})))
    assert np.abs(decoded.astype(int) - colours).max() <= 2
    assert np.array_equal(decoded[:3], colours[:3])


def test_cmyk_becomes_rgb():
    """JPEG, which Adobe stores inverted, and TIFF, both as Pillow converts them back."""
    image = Image.fromarray(random_picture(16, 16)).convert('CMYK')
    for kind, options, limit in (('JPEG', dict(quality=100, subsampling=0), 6), ('TIFF', {}, 2)):
        decoded = decode_image(encoded(image, kind, **options)).astype(int)
        assert np.abs(decoded - np.asarray(image.convert('RGB'))).max() <= limit


def test_16_bits_are_kept(tmp_path):
    deep = random_picture(7, 9, dtype=np.uint16)
    write_image(str(tmp_path / 'deep.png'), deep)
    np.testing.assert_array_equal(read_image(tmp_path / 'deep.png'), deep)
    thermal = random_picture(7, 9, channels=1, dtype=np.uint16)
    write_image(str(tmp_path / 'thermal.tiff'), thermal)
    np.testing.assert_array_equal(read_image(tmp_path / 'thermal.tiff'), np.repeat(thermal[..., None], 3, axis=2))


def test_exif_rotation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by 90 degrees
    assert decode_image(encoded(PIL_PICTURE, 'JPEG', exif=exif)).shape == (33, 21, 3)


def test_labels_keep_their_values(tmp_path):
    label = np.arange(12, dtype=np.uint8).reshape(3, 4)
    write_image(str(tmp_path / 'label.png'), label)
    np.testing.assert_array_equal(read_image(tmp_path / 'label.png', mode='label'), label)
    with pytest.raises(BrokenImageError, match='single-channel label map'):
        decode_image(encoded(PIL_PICTURE, 'PNG'), mode='label')


@pytest.mark.parametrize('kind,options', [
    ('JPEG', {}), ('JPEG', dict(progressive=True)), ('PNG', {}), ('WEBP', {}), ('BMP', {}), ('TIFF', {})])
@pytest.mark.parametrize('share', [0.02, 0.3, 0.6, 0.95, 'all but the last byte'])
def test_truncated_files_are_refused_by_name(kind, options, share):
    data = encoded(Image.fromarray(random_picture(64, 96)), kind, **options)
    assert decode_image(data, 'whole') is not None
    end = len(data) - 1 if isinstance(share, str) else int(len(data) * share)
    with pytest.raises(BrokenImageError, match=r'cannot read image night/0001\.x: '):
        decode_image(data[:end], 'night/0001.x')


def test_truncated_jpeg_with_a_whole_thumbnail_is_refused():
    thumbnail = encoded(PIL_PICTURE.resize((8, 8)), 'JPEG')
    data = encoded(PIL_PICTURE, 'JPEG')
    with_thumbnail = data[:2] + b'\xff\xe1' + (len(thumbnail) + 2).to_bytes(2, 'big') + thumbnail + data[2:]
    assert truncation(with_thumbnail) is None
    assert 'no end-of-image' in truncation(with_thumbnail[:-30])
    assert 'header' in truncation(with_thumbnail[:len(thumbnail) + 10])


def test_trailing_bytes_after_a_whole_jpeg_are_fine():
    data = encoded(PIL_PICTURE, 'JPEG')
    assert decode_image(data + b'\0' * 100).shape == PICTURE.shape


@pytest.mark.parametrize('data,reason', [(b'', 'empty'), (b'no image', 'not an image'), (b'\xff\xd8\xff', 'JPEG')])
def test_what_is_no_picture_is_refused(data, reason):
    with pytest.raises(BrokenImageError, match=reason):
        decode_image(data, 'x.png')


def test_missing_file_and_folder_are_named(tmp_path):
    with pytest.raises(BrokenImageError, match='gone.png: No such file'):
        read_image(tmp_path / 'gone.png')
    with pytest.raises(BrokenImageError, match='directory'):
        read_image(tmp_path)


def test_float_files_are_refused(tmp_path):
    ok, data = cv2.imencode('.tiff', np.zeros((4, 4, 3), np.float32))
    assert ok
    with pytest.raises(BrokenImageError, match='float32'):
        decode_image(data.tobytes(), 'x.tiff')


def test_error_survives_a_worker():
    error = pickle.loads(pickle.dumps(BrokenImageError.of('a.png', 'empty')))
    assert isinstance(error, BrokenImageError) and str(error) == 'cannot read image a.png: empty'


def test_tensor_conversion_round_trip():
    flipped = PICTURE[:, ::-1]
    tensor = image_to_tensor(flipped)
    assert tensor.shape == (3, 21, 33) and tensor.is_contiguous() and tensor.dtype == torch.uint8
    np.testing.assert_array_equal(tensor_to_image(tensor), flipped)


def test_16_to_8_bit_rounds():
    values = np.array([[0, 128, 129, 257, 65535]], np.uint16)
    np.testing.assert_array_equal(to_uint8(values), np.rint(values / 257).astype(np.uint8))
    with pytest.raises(TypeError, match='float64'):
        to_uint8(np.zeros((2, 2)))


def test_unwritable_format_is_an_error(tmp_path):
    with pytest.raises(OSError, match='cannot encode'):
        write_image(str(tmp_path / 'x.unknown'), PICTURE)


def palette_png(indices: np.ndarray, bits: int) -> bytes:
    image = Image.fromarray(indices, 'P')
    image.putpalette([channel for index in range(2 ** bits) for channel in (255 - index, 7 * index % 256, index)])
    return encoded(image, 'PNG', bits=bits)


@pytest.mark.parametrize('bits', [1, 2, 4, 8])
def test_labels_of_a_palette_are_the_stored_indices(bits):
    indices = np.random.default_rng(0).integers(0, 2 ** bits, (9, 11), dtype=np.uint8)
    data = palette_png(indices, bits)
    assert data[24:26] == bytes([bits, 3])  # the file itself says so
    np.testing.assert_array_equal(decode_image(data, mode='label'), indices)
    assert decode_image(data).shape == (9, 11, 3)


@pytest.mark.parametrize('bits', [1, 2, 4, 8])
def test_labels_of_few_bits_are_not_scaled(bits):
    """A grey PNG packed by hand."""
    values = np.random.default_rng(1).integers(0, 2 ** bits, (5, 16), dtype=np.uint8)
    rows = np.unpackbits(values[..., None], axis=2)[..., 8 - bits:].reshape(5, -1)
    packed = b''.join(b'\0' + np.packbits(row).tobytes() for row in rows)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, 'big') + kind + content + zlib.crc32(kind + content).to_bytes(4, 'big')

    head = (16).to_bytes(4, 'big') + (5).to_bytes(4, 'big') + bytes([bits, 0, 0, 0, 0])
    data = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(packed)) + chunk(b'IEND', b'')
    np.testing.assert_array_equal(decode_image(data, mode='label'), values)


def test_labels_of_other_formats(tmp_path):
    indices = np.random.default_rng(0).integers(0, 4, (9, 11), dtype=np.uint8)
    image = Image.fromarray(indices, 'P')
    image.putpalette([0, 0, 0, 9, 200, 3, 255, 0, 0, 1, 1, 1])
    for kind in ('BMP', 'TIFF'):
        np.testing.assert_array_equal(decode_image(encoded(image, kind), mode='label'), indices)
    deep = np.array([[0, 300], [65535, 7]], np.uint16)
    for ending in ('png', 'tiff'):
        write_image(str(tmp_path / f'deep.{ending}'), deep)
        np.testing.assert_array_equal(read_image(tmp_path / f'deep.{ending}', 'label'), deep)
    with pytest.raises(ValueError, match='without a range'):
        decode_image(encoded(image, 'BMP'), mode='label', value_range='minmax')


def test_planar_tiffs_of_16_bits_are_refused_and_of_8_read():
    tifffile = pytest.importorskip('tifffile')
    for dtype in (np.uint8, np.uint16):
        data, planes = io.BytesIO(), random_picture(6, 5, dtype=dtype).transpose(2, 0, 1)
        tifffile.imwrite(data, planes, photometric='rgb', planarconfig='separate')
        if dtype == np.uint8:
            np.testing.assert_array_equal(decode_image(data.getvalue()), planes.transpose(1, 2, 0))
        else:
            with pytest.raises(BrokenImageError, match='bands.tif.*one after the other'):
                decode_image(data.getvalue(), 'bands.tif')


def test_kinds_that_are_not_read_are_named():
    with pytest.raises(BrokenImageError, match='a.gif: GIF is not read'):
        decode_image(encoded(PIL_PICTURE.quantize(16), 'GIF'), 'a.gif')
    with pytest.raises(BrokenImageError, match='HEIC is not read'):
        decode_image(b'\0\0\0\x18ftypheic' + bytes(50), 'a.heic')


@pytest.mark.parametrize('kind', ['PNG', 'WEBP'])
def test_animations_are_refused_and_single_frames_read(kind):
    frames = [PIL_PICTURE, PIL_PICTURE.rotate(180)]
    still, moving = io.BytesIO(), io.BytesIO()
    frames[0].save(still, kind, lossless=True)
    frames[0].save(moving, kind, lossless=True, save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(decode_image(still.getvalue()), np.asarray(PIL_PICTURE.convert('RGB')))
    with pytest.raises(BrokenImageError, match='a.moving: an animated PNG or WebP is not read'):
        decode_image(moving.getvalue(), 'a.moving')
