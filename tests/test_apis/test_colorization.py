"""Photos through a colorizer: kept detail, every kind and size of file, folders, videos, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

from nightgen.apis import ColorizationInferencer, NightgenInferencer, PhotoColorization, init_model
from nightgen.apis.colorization import in_strips
from nightgen.apis.files import find_pictures
from nightgen.apis.video import BrokenVideoError
from nightgen.models.experts import LumaLabels
from nightgen.registry import INFERENCERS
from nightgen.testing import random_picture, write_pictures
from nightgen.utils.images import BrokenImageError, read_image, write_image

CONFIG = """
default_scope = 'nightgen'
model = dict(
    type='ColorizationTranslator', domains=('color',), photo_size=(16, 24),
    generator=dict(type='UNet', base=4, num_levels=3))
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / 'tiny_color.py'
    path.write_text(CONFIG)
    return path


@pytest.fixture
def checkpoint(config: Path, tmp_path: Path) -> Path:
    """Weights that give some colour."""
    model = init_model(config)
    with torch.no_grad():
        model.generators['chroma'].head[0].bias.copy_(torch.tensor([0.15, -0.1]))
    torch.save(dict(state_dict=model.state_dict(), meta={}), tmp_path / 'tiny_color.pth')
    return tmp_path / 'tiny_color.pth'


@pytest.fixture
def inferencer(config: Path, checkpoint: Path) -> ColorizationInferencer:
    return ColorizationInferencer(config, checkpoint, device='cpu')


def by_scikit_image(model: torch.nn.Module, picture: np.ndarray) -> np.ndarray:
    """Chroma at 16x24 from the small luma, enlarged, beside the photo's own luma."""
    lab = rgb2lab(picture / np.iinfo(picture.dtype).max)
    luma = torch.from_numpy(lab[..., 0] / 50 - 1).float()[None, None]
    chroma = model.translate(F.interpolate(luma, (16, 24), mode='bilinear', antialias=True))
    large = F.interpolate(chroma, picture.shape[:2], mode='bilinear')[0].permute(1, 2, 0).double().numpy() * 110
    return np.rint(lab2rgb(np.dstack([lab[..., 0], large])) * 255)


@pytest.mark.filterwarnings('ignore:Conversion from CIE-LAB')
@pytest.mark.parametrize('size', [(16, 24), (37, 50), (8, 9)])
@pytest.mark.parametrize('dtype', [np.uint8, np.uint16])
def test_it_is_the_protocol_by_scikit_image(inferencer: ColorizationInferencer, size: tuple[int, int], dtype: type):
    picture = random_picture(*size, dtype=dtype)
    made, = inferencer(picture)['predictions']
    assert made.dtype == np.uint8 and made.shape == (*size, 3)
    assert np.abs(made - by_scikit_image(inferencer.model, picture)).max() <= 1


def test_detail_that_the_network_cannot_see_is_kept(inferencer: ColorizationInferencer):
    """A pattern of single pixels in a photo of ten times the network's size: its luma comes back to half a percent."""
    rows, columns = np.indices((160, 240))
    grey = np.where((rows + columns) % 2, 120, 150).astype(np.uint8)
    made, = inferencer(grey)['predictions']
    assert np.ptp(made.astype(int), axis=2).max() > 5  # it has colour
    assert np.abs(rgb2lab(made)[..., 0] - rgb2lab(np.dstack([grey] * 3))[..., 0]).max() < 0.5


def test_colours_of_the_photo_are_not_looked_at(inferencer: ColorizationInferencer):
    grey = random_picture(20, 30, channels=1) // 2 + 40
    lab = np.dstack([rgb2lab(np.dstack([grey] * 3))[..., 0], np.full(grey.shape, 20.0), np.full(grey.shape, -15.0)])
    coloured = (lab2rgb(lab) * 65535).round().astype(np.uint16)
    assert np.abs(coloured.astype(int) - grey[..., None].astype(int) * 257).max() > 2000
    first, second = inferencer([grey, coloured], batch_size=2)['predictions']
    assert np.abs(first.astype(int) - second).max() <= 1


@pytest.mark.parametrize('size', [(1, 1), (1, 300), (700, 2), (30, 2000)])
def test_single_pixels_and_panoramas(inferencer: ColorizationInferencer, size: tuple[int, int]):
    made, = inferencer(np.full((*size, 3), 90, np.uint8))['predictions']
    assert made.shape == (*size, 3) and made.std() < 60


def test_sizes_may_differ_in_a_batch(inferencer: ColorizationInferencer):
    pictures = [random_picture(*size, seed=seed) for seed, size in enumerate([(20, 30), (31, 17), (20, 30)])]
    together = inferencer(pictures, batch_size=3)['predictions']
    for picture, made in zip(pictures, together, strict=True):
        assert np.abs(made.astype(int) - inferencer(picture)['predictions'][0]).max() <= 1


def test_strips_change_nothing(monkeypatch: pytest.MonkeyPatch, inferencer: ColorizationInferencer):
    picture = random_picture(33, 20)
    whole, = inferencer(picture)['predictions']
    monkeypatch.setattr('nightgen.apis.colorization.STRIP_PIXELS', 50)
    assert np.array_equal(inferencer(picture)['predictions'][0], whole)
    seen = []
    in_strips(lambda part: seen.append(part.shape[-2]) or part, torch.zeros(3, 7, 20))
    assert seen == [2, 2, 2, 1]


def test_files_of_every_kind(inferencer: ColorizationInferencer, tmp_path: Path):
    """CMYK, grey with and without alpha, palettes and 16 bits give what their RGB picture gives."""
    rgb = random_picture(24, 32) // 2 + 60
    grey = np.dstack([rgb[..., 1]] * 3)
    folder = tmp_path / 'kinds'
    folder.mkdir()
    Image.fromarray(rgb).convert('CMYK').save(folder / 'cmyk.jpg', quality=100, subsampling=0)
    Image.fromarray(rgb).convert('CMYK').save(folder / 'cmyk.tif')
    alpha = Image.fromarray(rgb)
    alpha.putalpha(Image.fromarray(rgb[..., 0]))
    alpha.save(folder / 'alpha.png')
    alpha.save(folder / 'alpha.tif')
    Image.fromarray(rgb[..., 1]).convert('LA').save(folder / 'grey_alpha.png')
    Image.fromarray(rgb[..., 1]).save(folder / 'grey.png')
    Image.fromarray(rgb[..., 1]).convert('P').save(folder / 'grey_palette.png')
    cv2.imwrite(str(folder / 'deep.png'), rgb[..., ::-1].astype(np.uint16) * 257)
    cv2.imwrite(str(folder / 'deep_alpha.png'), np.dstack([rgb[..., ::-1], rgb[..., :1]]).astype(np.uint16) * 257)
    expected = {False: inferencer(rgb)['predictions'][0], True: inferencer(grey)['predictions'][0]}
    out = tmp_path / 'out'
    inferencer(folder, out_dir=out, batch_size=3)
    written = sorted(path.name for path in out.iterdir())
    assert written == sorted(path.name for path in folder.iterdir())
    for name in written:
        error = np.abs(read_image(str(out / name)).astype(int) - expected[name.startswith('grey')])
        # JPEG loses some, twice; a TIFF's colours come multiplied by its alpha and rounded
        assert error.mean() < 4 if name.endswith('.jpg') else error.max() <= (4 if name == 'alpha.tif' else 1), name


def test_what_is_refused_says_why(inferencer: ColorizationInferencer, tmp_path: Path):
    cv2.imwrite(str(tmp_path / 'float.tif'), np.zeros((8, 8, 3), np.float32))
    with pytest.raises(BrokenImageError, match='float.tif: samples are float32; 8 or 16 bit'):
        inferencer(tmp_path / 'float.tif')
    (tmp_path / 'text.jpg').write_text('no image')
    with pytest.raises(BrokenImageError, match='text.jpg'):
        inferencer(tmp_path / 'text.jpg')
    with pytest.raises(TypeError, match='float64'):
        inferencer(np.zeros((8, 8, 3)))
    with pytest.raises(ValueError, match=r'got \(8, 8, 5\)'):
        inferencer(np.zeros((8, 8, 5), np.uint8))
    with pytest.raises(ValueError, match=r'got \(0, 8, 3\)'):
        inferencer(np.zeros((0, 8, 3), np.uint8))


def test_the_networks_size_can_be_chosen(config: Path, checkpoint: Path, inferencer: ColorizationInferencer):
    picture = random_picture(40, 60)
    larger = INFERENCERS.build(dict(type='ColorizationInferencer', config_or_name=str(config), device='cpu',
                                    weights=str(checkpoint), size=(40, 56)))
    assert larger.translation.size == (40, 56) and inferencer.translation.size == (16, 24)
    assert not np.array_equal(larger(picture)['predictions'][0], inferencer(picture)['predictions'][0])
    with pytest.raises(ValueError, match='both positive'):
        PhotoColorization(inferencer.model, size=(0, 4))


def test_the_other_inferencer_and_the_command_do_the_same(config: Path, checkpoint: Path, tmp_path: Path,
                                                         inferencer: ColorizationInferencer, load_tool: Callable):
    write_pictures(tmp_path / 'photos', names=['a.png', 'sub/b.png'])
    expected = inferencer(tmp_path / 'photos')['predictions']
    other = NightgenInferencer(config, checkpoint, device='cpu')(tmp_path / 'photos')['predictions']
    assert all(np.array_equal(*pair) for pair in zip(expected, other, strict=True))
    tool = load_tool('tools/translate.py')
    assert tool.main([str(config), str(checkpoint), str(tmp_path / 'photos'), str(tmp_path / 'out'), '--device', 'cpu',
                      '--batch-size', '2']) == 0
    for name, picture in zip(('a.png', 'sub/b.png'), expected, strict=True):
        assert np.array_equal(read_image(str(tmp_path / 'out' / name)), picture)


def test_a_config_that_does_not_colorize(tiny_config: Path, tiny_checkpoint: Path):
    with pytest.raises(TypeError, match='use NightgenInferencer'):
        ColorizationInferencer(tiny_config, tiny_checkpoint, device='cpu')


def test_a_video(inferencer: ColorizationInferencer, tmp_path: Path):
    writer = cv2.VideoWriter(str(tmp_path / 'old.avi'), cv2.VideoWriter_fourcc(*'MJPG'), 12.0, (32, 24))
    for index in range(5):
        writer.write(np.full((24, 32, 3), 40 + 30 * index, np.uint8))
    writer.release()
    assert inferencer.video(tmp_path / 'old.avi', tmp_path / 'new/colour.avi', batch_size=2) == 5
    video, frames = cv2.VideoCapture(str(tmp_path / 'new/colour.avi')), []
    while (read := video.read())[0]:
        frames.append(read[1])
    assert len(frames) == 5 and frames[0].shape == (24, 32, 3)
    assert np.ptp(frames[2].astype(int), axis=2).mean() > 5  # no longer grey
    with pytest.raises(BrokenVideoError, match='no video'):
        inferencer.video(tmp_path / 'tiny_color.py', tmp_path / 'x.avi')
    with pytest.raises(ValueError, match='ending'):
        inferencer.video(tmp_path / 'old.avi', tmp_path / 'x.png')
    with pytest.raises(ValueError, match='overwrite'):
        inferencer.video(tmp_path / 'old.avi', tmp_path / 'old.avi')


SEMANTIC = """
default_scope = 'nightgen'
model = dict(
    type='SemanticColorizationTranslator', domains=('color',), photo_size=(16, 24), label_set='camvid',
    generator=dict(type='TwoStreamUNet', widths=(8, 12, 16), num_classes=12, unlabelled=11))
"""


@pytest.fixture
def semantic(tmp_path: Path) -> PhotoColorization:
    (tmp_path / 'semantic.py').write_text(SEMANTIC)
    torch.manual_seed(0)
    model = init_model(tmp_path / 'semantic.py')
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2)  # torch's weights give next to no colour
    return PhotoColorization(model)


def test_a_photo_that_is_coloured_again_and_again(semantic: PhotoColorization):
    picture = random_picture(40, 50, 3)
    photo = semantic.open(picture)
    assert photo.size == (16, 24) and not semantic.can_predict
    first, calls = np.full(photo.size, 3, np.uint8), []
    semantic.network.network.network.grey_norms[0].register_forward_hook(lambda *_: calls.append(1))
    made = photo.colour(first)
    assert made.shape == picture.shape and made.dtype == np.uint8 and not calls
    # as the same map at the photo's own size, given beside it
    assert np.array_equal(made, semantic([picture], dict(label=[np.full((40, 50), 3, np.uint8)]))[0])
    edited = first.copy()
    edited[:8] = 0
    other = photo.colour(edited)
    assert not np.array_equal(made, other) and np.array_equal(photo.colour(first), made)
    # another map changes colours only: L stays, but where the gamut ends
    difference = np.abs(rgb2lab(made)[..., 0] - rgb2lab(other)[..., 0])
    assert np.median(difference) < 0.5
    for wrong, message in ((first[:8], '16x24'), (first + 9, r'holds \[12\]'), (first / 2, 'integers')):
        with pytest.raises(ValueError, match=message):
            photo.colour(wrong)
    with pytest.raises(ValueError, match='no segmentor'):
        photo.predict_label()


def test_a_predicted_map(semantic: PhotoColorization):
    class Expert(torch.nn.Module):
        classes = ('car', 'sky')

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            label = torch.ones(len(images), *images.shape[2:], dtype=torch.int64)
            label[:, -1] = 255
            return label

    semantic.model.labels = LumaLabels(Expert(), semantic.model.label_set)
    photo = PhotoColorization(semantic.model).open(random_picture(40, 50, 3))
    label = photo.predict_label()
    assert label.shape == (16, 24) and label.dtype == np.uint8
    assert (label[:-1] == 0).all() and (label[-1] == 11).all()  # sky, and what is unlabelled


def test_plain_colorizers_take_no_maps(inferencer: ColorizationInferencer):
    with pytest.raises(TypeError, match='takes no label maps'):
        inferencer.translation.open(random_picture(8, 8, 3))


def test_maps_beside_the_photos(semantic: PhotoColorization, tmp_path: Path):
    """A folder of photos, one in a sub-folder, with a folder of maps of the same names."""
    write_pictures(tmp_path / 'photos', names=['a.png', 'in/b.jpg', 'c.png'])
    names = [name for _, name in find_pictures(tmp_path / 'photos')]
    pictures = {name: random_picture(20 + index, 30, index) for index, name in enumerate(names)}
    maps = {name: np.full(picture.shape[:2], index, np.uint8) for index, (name, picture) in enumerate(pictures.items())}
    for folder, files in (('photos', pictures), ('maps', maps)):
        for name, array in files.items():
            path = tmp_path / folder / (name if folder == 'photos' else Path(name).with_suffix('.png'))
            path.parent.mkdir(parents=True, exist_ok=True)
            write_image(str(path), array)
    torch.save(dict(state_dict=semantic.model.state_dict(), meta={}), tmp_path / 'weights.pth')
    inferencer = ColorizationInferencer(tmp_path / 'semantic.py', tmp_path / 'weights.pth', device='cpu')
    found = inferencer(tmp_path / 'photos', beside=dict(label=tmp_path / 'maps'))['predictions']
    expected = inferencer([read_image(str(tmp_path / 'photos' / name)) for name in names],
                          named=dict(label=[maps[name] for name in names]))['predictions']
    assert len(found) == 3 and all(np.array_equal(*pair) for pair in zip(found, expected, strict=True))
    with pytest.raises(TypeError, match=r"missing: \['label'\]"):
        inferencer(tmp_path / 'photos')
    with pytest.raises(TypeError, match='beside arrays give named='):
        inferencer(pictures['a.png'], beside=dict(label=tmp_path / 'maps'))
    with pytest.raises(TypeError, match=r"not known: \['edges'\]"):
        inferencer(tmp_path / 'photos', beside=dict(label=tmp_path / 'maps', edges=tmp_path / 'maps'))
    (tmp_path / 'maps/c.png').unlink()
    with pytest.raises(BrokenImageError, match='c.png'):
        inferencer(tmp_path / 'photos', beside=dict(label=tmp_path / 'maps'))
