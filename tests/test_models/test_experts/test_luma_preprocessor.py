"""GridNet as an mmseg model: L goes in, it trains and predicts there, and is then an expert and part of a colorizer."""

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

pytest.importorskip('mmseg', reason='mmseg is not installed')

from mmengine.config import ConfigDict  # noqa: E402
from mmseg.structures import SegDataSample  # noqa: E402

from nightgen.models.experts import SegmentationExpert  # noqa: E402
from nightgen.models.experts.building import import_package, scope  # noqa: E402
from nightgen.registry import MODELS  # noqa: E402
from nightgen.testing import random_picture  # noqa: E402
from nightgen.testing.experts import save_tiny_weights  # noqa: E402

CLASSES = ('road', 'sky', 'car')
SEGMENTOR = dict(default_scope='mmseg', model=dict(
    type='EncoderDecoder', data_preprocessor=dict(type='nightgen.LumaSegDataPreProcessor', size=(32, 48)),
    backbone=dict(type='nightgen.GridNet', num_classes=None, rows=(4, 8, 8), columns=4),
    decode_head=dict(type='nightgen.GridHead', in_channels=4, num_classes=3),
    train_cfg=dict(), test_cfg=dict(mode='whole')))


def build() -> torch.nn.Module:
    import_package('mmseg')
    with scope('mmseg'):
        return MODELS.build(ConfigDict(SEGMENTOR['model']))


def sample(label: np.ndarray) -> SegDataSample:
    from mmengine.structures import PixelData
    found = SegDataSample(metainfo=dict(ori_shape=label.shape, img_shape=label.shape, pad_shape=label.shape))
    found.gt_sem_seg = PixelData(data=torch.from_numpy(label)[None])
    return found


@pytest.mark.filterwarnings('ignore:Conversion from CIE-LAB')
def test_l_of_lab_in_units_of_one():
    model, picture = build(), random_picture(30, 40, 1)
    bgr = torch.from_numpy(picture[..., ::-1].copy()).permute(2, 0, 1)
    label = np.zeros((30, 40), np.int64)
    batch = model.data_preprocessor(dict(inputs=[bgr], data_samples=[sample(label)]), True)
    assert batch['inputs'].shape == (1, 1, 32, 48)  # padded in training
    expected = rgb2lab(picture)[..., 0] / 100
    np.testing.assert_allclose(batch['inputs'][0, 0, :30, :40].numpy(), expected, atol=1e-5)
    padded = batch['data_samples'][0].gt_sem_seg.data[0]
    assert (padded[30:] == 255).all() and (padded[:30, :40] == 0).all()
    grey = MODELS.build(dict(type='nightgen.LumaSegDataPreProcessor', source='grey'))(dict(inputs=[bgr]))['inputs']
    np.testing.assert_allclose(grey[0, 0].numpy(), picture @ np.array([0.299, 0.587, 0.114]) / 255, atol=1e-5)


def test_what_it_refuses():
    with pytest.raises(ValueError, match=r"take out \['mean', 'std'\]"):
        MODELS.build(dict(type='nightgen.LumaSegDataPreProcessor', mean=[0], std=[1]))
    with pytest.raises(ValueError, match='source is one of'):
        MODELS.build(dict(type='nightgen.LumaSegDataPreProcessor', source='rgb'))


def test_it_trains_as_a_model_of_mmseg():
    torch.manual_seed(0)
    model, losses = build(), []
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    picture = random_picture(32, 48, 2)
    label = (rgb2lab(picture)[..., 0] > 50).astype(np.int64)
    bgr = torch.from_numpy(picture[..., ::-1].copy()).permute(2, 0, 1)
    for _ in range(30):
        data = model.data_preprocessor(dict(inputs=[bgr] * 2, data_samples=[sample(label) for _ in range(2)]), True)
        loss, logs = model.parse_losses(model(**data, mode='loss'))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(logs['decode.loss_ce'].item())
    assert losses[-1] < 0.5 * losses[0]


def test_the_whole_system_is_one_graph(tmp_path):
    """grey -> labels -> colour, with the trained segmentor as an expert; what it says equals the parts by hand."""
    path = save_tiny_weights(SEGMENTOR, tmp_path / 'gridnet.pth', CLASSES)
    config = dict(type='SegmentationExpert', config=SEGMENTOR, checkpoint=str(path))
    torch.manual_seed(0)
    model = MODELS.build(dict(
        type='SemanticColorizationTranslator', domains=('color',), label_set='camvid', segmentor=config,
        map_source='predicted', generator=dict(type='TwoStreamUNet', widths=(4, 6), num_classes=12))).eval()
    luma = torch.rand(2, 1, 20, 24) * 1.8 - 0.9
    expert = SegmentationExpert(SEGMENTOR, path)
    scores = expert.network.decode_head(expert.network.backbone((luma + 1) / 2))
    numbers = torch.tensor([3, 0, 8])  # road, sky and car in CamVid's label set
    agree = (numbers[scores.argmax(1)] == model.labels(luma)).float().mean()
    assert agree > 0.99  # grey goes to sRGB and back, which moves L in its fifth decimal
    assert model.translate(luma).equal(model.translate(luma, label=model.labels(luma)))
    assert not any('labels' in key for key in model.state_dict())
