"""JPEGs that lost bytes, and the counts of radiometric ones."""

import io

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image

from nightgen.testing import random_picture
from nightgen.utils import jpeg
from nightgen.utils.images import BrokenImageError, decode_image

EXIF = Image.Exif()
EXIF[0x0112] = 1  # upright


@pytest.mark.parametrize('options', [{}, dict(progressive=True), dict(restart_marker_blocks=8), dict(exif=EXIF)])
@pytest.mark.parametrize('mode', ['color', 'grey'])
def test_lost_bytes_in_the_middle_are_noticed(options, mode, street, encoded):
    data = encoded(street(), **options)
    assert decode_image(data, mode=mode).shape[:2] == (144, 192)
    for place in (0.4, 0.55, 0.7):
        start = int(len(data) * place)
        damaged = data[:start] + data[start + 700:]
        if not options:  # OpenCV takes it
            assert cv2.imdecode(np.frombuffer(damaged, np.uint8), cv2.IMREAD_COLOR).shape == (144, 192, 3)
        with pytest.raises(BrokenImageError, match=r'cannot read image night.jpg: damaged JPEG \('):
            decode_image(damaged, 'night.jpg', mode)


@pytest.mark.parametrize('mode', ['color', 'grey'])
def test_what_loses_nothing_is_let_pass(street, encoded, mode):
    """Zeros before the end, as some cameras have them, and scan parameters that a baseline JPEG should not have."""
    data = encoded(street())
    scan = data.rfind(b'\xff\xda')
    length = int.from_bytes(data[scan + 2:scan + 4], 'big')
    padded = data[:-2] + bytes(40) + data[-2:]
    odd = data[:scan + length] + b'\0' + data[scan + length + 1:]  # the last coefficient of the scan: 63 in a whole one
    assert data[scan + length] == 63
    for other, warning in ((padded, 'extraneous bytes'), (odd, 'Invalid SOS')):
        with pytest.raises(ValueError, match=warning):
            simplejpeg.decode_jpeg(other, 'GRAY')  # it does warn
        assert np.array_equal(decode_image(other, mode=mode), decode_image(data, mode=mode))
    with pytest.raises(BrokenImageError, match='extraneous bytes'):
        decode_image(data[:-2] + bytes(range(1, 41)) + data[-2:], mode=mode)


@pytest.mark.parametrize('kind', ['L', 'RGB', 'CMYK'])
def test_pictures_are_those_of_opencv(kind, street):
    data = io.BytesIO()
    Image.fromarray(street()).convert(kind).save(data, 'JPEG')
    expected = cv2.imdecode(np.frombuffer(data.getvalue(), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert np.abs(decode_image(data.getvalue()).astype(int) - expected).max() <= 8  # libraries differ in chroma
    assert (jpeg.decode(data.getvalue()) is None) == (kind == 'CMYK')


@pytest.mark.parametrize('order', ['<', '>'])
@pytest.mark.parametrize('png', [False, True])
def test_counts_are_read_when_a_range_is_stated(order, png, street, encoded, radiometric):
    counts = np.random.default_rng(1).integers(7000, 8000, (12, 16)).astype(np.uint16)
    counts[0, :2] = 7000, 8000
    data = radiometric(counts, order, png)
    assert jpeg.is_radiometric(data) and np.array_equal(jpeg.raw_counts(data), counts)
    expected = np.rint((counts - 7000.0) * 65.535).astype(np.uint16)
    assert np.array_equal(decode_image(data, value_range='minmax'), np.repeat(expected[..., None], 3, axis=2))
    assert np.array_equal(decode_image(data, mode='grey', value_range=(7000, 8000)), expected)
    assert np.array_equal(decode_image(data), decode_image(encoded(street())))  # else the picture that shows them


def test_other_jpegs_have_no_counts(encoded):
    data = encoded(random_picture(16, 16))
    assert not jpeg.is_radiometric(data) and jpeg.raw_counts(data) is None
    assert not jpeg.is_radiometric(b'\x89PNG') and not jpeg.is_radiometric(b'')


@pytest.mark.parametrize(('record', 'words'), [
    (b'XXX\0' + bytes(80), 'does not start with FFF'), (b'FFF\0' + bytes(80), 'without counts')])
def test_damaged_records_are_named(record, words, street, encoded, with_segments, radiometric):
    data = with_segments(encoded(street()), b'FLIR\0\x01\0\0' + record)
    with pytest.raises(BrokenImageError, match=f'x.jpg.*{words}'):
        decode_image(data, 'x.jpg', value_range='minmax')
    whole = radiometric(np.full((8, 8), 5, np.uint16), '<', png=False)
    with pytest.raises(BrokenImageError, match='neither plain numbers nor a PNG'):
        decode_image(whole.replace(b'\x02\0\x08\0\x08\0', b'\x02\0\x09\0\x08\0'), value_range='minmax')
