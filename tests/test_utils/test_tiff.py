"""A TIFF's structure: pages, planes, both byte orders, both sizes."""

import io

import numpy as np
import pytest
from PIL import Image

from nightgen.utils.tiff import TiffPage, further_pages, tiff_pages

tifffile = pytest.importorskip('tifffile')  # scikit-image brings it


@pytest.mark.parametrize('options', [dict(), dict(bigtiff=True), dict(byteorder='>'), dict(compression='zlib')])
def test_pages_of_every_kind_of_file(options, tmp_path):
    path = tmp_path / 'a.tif'
    with tifffile.TiffWriter(path, bigtiff=options.pop('bigtiff', False), byteorder=options.pop('byteorder', None)
                             ) as file:
        options = {} if options.get('compression') else options
        file.write(np.zeros((6, 5, 3), np.uint16), photometric='rgb')
        file.write(np.zeros((3, 6, 5), np.uint8), photometric='rgb', planarconfig='separate', **options)
        file.write(np.zeros((3, 2), np.uint8), subfiletype=1)
    with path.open('rb') as file:
        assert list(tiff_pages(file)) == [TiffPage(16, 3, False, False), TiffPage(8, 3, True, False),
                                          TiffPage(8, 1, False, True)]
    assert further_pages(path) == 1  # the smaller copy is none


def test_one_bit_and_what_is_no_tiff(tmp_path):
    data = io.BytesIO()
    Image.new('1', (9, 4)).save(data, 'TIFF')
    assert [page.bits for page in tiff_pages(io.BytesIO(data.getvalue()))] == [1]
    for noise in (b'', b'II', b'II*\0', b'II*\0\xff\xff\xff\xff', data.getvalue()[:20], b'\x89PNG' * 10):
        assert list(tiff_pages(io.BytesIO(noise))) == []
    (tmp_path / 'no.tif').write_bytes(b'no tiff')
    assert further_pages(tmp_path / 'no.tif') == 0


def test_a_directory_that_points_at_itself_ends():
    data = bytearray(b'II*\0\x08\0\0\0' + b'\x01\0' + b'\x02\x01\x03\0\x01\0\0\0\x10\0\0\0' + b'\x08\0\0\0')
    assert list(tiff_pages(io.BytesIO(bytes(data)))) == [TiffPage(16, 1, False, False)]
