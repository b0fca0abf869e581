"""The two-stream U-Net: published counts, the network written by hand, its streams apart, labels that survive."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.models.backbones import TwoStreamUNet

SMALL = dict(widths=(4, 6, 8), num_classes=5)
# specs/semantic_colorization 3: parameters of each layer of the released layout.
ENCODER = [9_504, 55_296, 221_184, 884_736, 3_538_944, 4_718_592]
DECODER = [18_874_368, 7_077_888, 1_769_472, 442_368, 110_592]


def on_meta(**settings) -> TwoStreamUNet:
    with torch.device('meta'):
        return TwoStreamUNet(**settings)


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def made_inputs(size: tuple[int, int] = (16, 24), classes: int = 5, dtype: torch.dtype = torch.float32
                ) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(2, 1, *size, generator=generator, dtype=dtype) * 2 - 1,
            torch.randint(0, classes, (2, *size), generator=generator))


def test_counts_of_the_released_layout():
    network = on_meta()
    assert [count(layer) for layer in network.encoder] == ENCODER
    assert [count(layer) for layer in network.decoder] == DECODER
    assert count(network.head) == 1_152 and count(network) == 37_704_096
    assert count(on_meta(widths=(32, 64, 128, 256, 512))) == 14_111_136  # the paper read literally


def test_sizes_of_every_stage_at_352():
    """specs/semantic_colorization 11."""
    network = on_meta()
    grey, label = torch.empty(1, 1, 352, 352, device='meta'), torch.empty(1, 352, 352, dtype=torch.int64, device='meta')
    expected = [(1, width, side, side) for width, side in
                zip((32, 64, 128, 256, 512, 512), (352, 176, 88, 44, 22, 11), strict=True)]
    assert [tuple(half.shape) for half in network.encode_grey(grey)] == expected
    assert [tuple(half.shape) for half in network.encode_label(label)] == expected
    seen = []
    for layer in network.decoder:
        layer.register_forward_hook(lambda layer, inputs, output: seen.append(tuple(output.shape)))
    assert network(grey, label).shape == (1, 2, 352, 352)
    assert seen == [(1, 1024, 22, 22), (1, 512, 44, 44), (1, 256, 88, 88), (1, 128, 176, 176), (1, 64, 352, 352)]


@pytest.mark.parametrize(('norm', 'act'), [('instance', 'tanh'), ('none', 'leaky_relu')])
def test_it_is_the_network_written_by_hand(norm: str, act: str):
    network = TwoStreamUNet(**SMALL, slope=0.1, grey_norm=norm, out_act=act).double()
    weights = dict(network.named_parameters())
    grey, label = made_inputs(dtype=torch.float64)

    def leaky(x):
        return torch.where(x > 0, x, 0.1 * x)

    def encode(x):
        maps = []
        for level in range(3):
            x = leaky(F.conv2d(x, weights[f'encoder.{level}.conv1.weight'], stride=1 if level == 0 else 2, padding=1))
            x = leaky(F.conv2d(x, weights[f'encoder.{level}.conv2.weight'], padding=1))
            maps.append(x)
        return maps

    def normalised(x):
        mean = x.mean(dim=(2, 3), keepdim=True)
        return (x - mean) / ((x - mean).square().mean(dim=(2, 3), keepdim=True) + 1e-5).sqrt()

    code = (label.double() / 4 - 0.5) / 0.5
    skips = [torch.cat([normalised(i) if norm == 'instance' else i, s], 1)
             for i, s in zip(encode(grey), encode(code[:, None]), strict=True)]
    x = skips[2]
    for layer, skip in enumerate((skips[1], skips[0])):
        x = leaky(F.conv_transpose2d(x, weights[f'decoder.{layer}.conv1.weight'], stride=2, padding=1,
                                     output_padding=1)) + skip
        x = leaky(F.conv2d(x, weights[f'decoder.{layer}.conv2.weight'], padding=1))
    x = F.conv2d(x, weights['head.0.weight'], padding=1)
    torch.testing.assert_close(network(grey, label), x.tanh() if act == 'tanh' else leaky(x))


def test_the_encoder_is_one_set_of_tensors_used_twice():
    network = TwoStreamUNet(**SMALL)
    calls = []
    for index, layer in enumerate(network.encoder):
        layer.conv1.register_forward_hook(lambda *_, index=index: calls.append(index))
    network(*made_inputs())
    assert sorted(calls) == [0, 0, 1, 1, 2, 2]
    grey, _ = made_inputs()
    # a map whose codes are a grey picture's values goes the same way, but for the norm
    network = TwoStreamUNet(**SMALL, grey_norm='none')
    label = torch.tensor([[[0, 1, 2, 3, 4, 4, 0, 2]] * 8] * 2)
    as_grey = label[:, None] / 2 - 1
    for a, b in zip(network.encode_grey(as_grey), network.encode_label(label), strict=True):
        torch.testing.assert_close(a, b)


def test_the_norm_takes_the_scale_of_the_grey_stream_and_leaves_the_labels_alone():
    torch.manual_seed(0)
    normed, plain = TwoStreamUNet(**SMALL).double(), TwoStreamUNet(**SMALL, grey_norm='none').double()
    plain.load_state_dict(normed.state_dict())
    grey, label = made_inputs(dtype=torch.float64)
    for a, b in zip(normed.encode_label(label), plain.encode_label(label), strict=True):
        assert a.equal(b)
    # without biases the stream itself scales with its input; so large that the norm's 1e-5 does not count
    for a, b in zip(plain.encode_grey(grey), plain.encode_grey(3 * grey), strict=True):
        torch.testing.assert_close(3 * a, b)
    for a, b in zip(normed.encode_grey(1e5 * grey), normed.encode_grey(3e5 * grey), strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)
        assert a.mean(dim=(2, 3)).abs().max() < 1e-9
    # what goes deeper is not normalised: a layer's raw output is the next one's input
    raw = plain.encode_grey(grey)
    expected = [F.instance_norm(x) for x in raw]
    for a, b in zip(normed.encode_grey(grey), expected, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize('encoding', ['index', 'learned', 'onehot'])
def test_an_edit_recomputes_the_labels_stream_only(encoding: str):
    torch.manual_seed(0)
    network = TwoStreamUNet(**SMALL, label_encoding=encoding).eval()
    grey, label = made_inputs()
    kept = network.encode_grey(grey)
    changed = label.clone()
    changed[:, :4, :4] = (label[:, :4, :4] + 1) % 5
    calls = []
    network.encoder[1].register_forward_hook(lambda *_: calls.append(1))
    result = network(grey, changed, kept=kept)
    assert len(calls) == 1
    assert result.equal(network(grey, changed)) and not result.equal(network(grey, label))


def test_all_60_labels_have_codes_of_their_own_and_255_is_background():
    network = TwoStreamUNet(widths=(4, 6))
    label = torch.arange(60).view(1, 6, 10)
    codes = network.label_picture(label)
    torch.testing.assert_close(codes.double(), label[:, None].double() / 59 * 2 - 1, atol=1e-6, rtol=0)
    assert ((codes + 1) * 29.5).round().long()[:, 0].equal(label)
    void = torch.full((1, 6, 10), 255)
    assert network.label_picture(void).equal(network.label_picture(torch.zeros_like(void)))
    other = TwoStreamUNet(widths=(4, 6), unlabelled=59)
    assert other.label_picture(void).equal(other.label_picture(torch.full_like(void, 59)))
    network.check_label(label)
    network.check_label(void)
    with pytest.raises(ValueError, match=r'holds \[60\]: classes are 0 to 59, and 255'):
        network.check_label(label + 1)


def test_learnt_and_one_hot_labels():
    grey, label = made_inputs()
    learned = TwoStreamUNet(**SMALL, label_encoding='learned')
    assert count(learned) == count(TwoStreamUNet(**SMALL)) + 5
    assert learned.label_picture(label)[0, 0, 3, 4] == learned.class_values.weight[label[0, 3, 4], 0]
    onehot = TwoStreamUNet(**SMALL, label_encoding='onehot', in_channels=3)
    picture = onehot.label_picture(label)
    assert picture.shape == (2, 5, 16, 24) and picture.sum(1).eq(1).all() and picture.argmax(1).equal(label)
    assert onehot(grey.expand(-1, 3, -1, -1), label).shape == (2, 2, 16, 24)
    with pytest.raises(ValueError, match="use label_encoding='onehot'"):
        TwoStreamUNet(in_channels=3)


@pytest.mark.parametrize('size', [(8, 16), (1, 1), (13, 9), (3, 40)])
def test_any_size(size: tuple[int, int]):
    network = TwoStreamUNet(**SMALL).eval()
    out = network(*made_inputs(size))
    assert out.shape == (2, 2, *size) and out.abs().max() <= 1 and out.isfinite().all()


def test_what_it_refuses():
    for wrong in (dict(widths=(4,)), dict(num_classes=1), dict(unlabelled=60), dict(label_encoding='colour'),
                  dict(grey_norm='batch')):
        with pytest.raises(ValueError, match='TwoStreamUNet'):
            TwoStreamUNet(**{**dict(widths=(4, 6)), **wrong})
    grey, label = made_inputs()
    with pytest.raises(ValueError, match=r'label map has the shape \(2, 16, 20\)'):
        TwoStreamUNet(**SMALL)(grey, label[..., :20])
