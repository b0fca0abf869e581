"""Both discriminators: parameter counts, score maps, a hand-written forward pass, errors."""

import pytest
import torch
import torch.nn.functional as F

from nightgen.models.discriminators import LPTNDiscriminator, MultiScalePatchDiscriminator
from nightgen.registry import DISCRIMINATORS


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameter_counts():
    assert count(MultiScalePatchDiscriminator()) == 8_283_459
    assert count(MultiScalePatchDiscriminator(num_scales=1)) == 2_761_153
    assert count(LPTNDiscriminator()) == 253_249


def test_built_by_name():
    network = DISCRIMINATORS.build(dict(type='MultiScalePatchDiscriminator', base=8, num_scales=2))
    assert isinstance(network, MultiScalePatchDiscriminator) and len(network.scales) == 2
    assert isinstance(DISCRIMINATORS.build(dict(type='LPTNDiscriminator')), LPTNDiscriminator)


def test_score_maps_of_a_crop():
    scores = MultiScalePatchDiscriminator(base=4)(torch.rand(2, 3, 256, 256))
    assert [tuple(score.shape) for score in scores] == [(2, 1, 16, 16), (2, 1, 8, 8), (2, 1, 4, 4)]


def test_against_a_hand_written_forward_pass():
    network = MultiScalePatchDiscriminator(base=4, num_layers=3, num_scales=2)
    x = torch.rand(2, 3, 64, 48)
    ones = F.avg_pool2d(torch.ones(1, 1, 64, 48), 3, 2, 1)
    half = F.avg_pool2d(x, 3, 2, 1) / ones  # borders count only pixels that exist
    for scale, (image, got) in enumerate(zip((x, half), network(x), strict=True)):
        convs = [layer for layer in network.scales[scale] if isinstance(layer, torch.nn.Conv2d)]
        for index, conv in enumerate(convs[:-1]):
            image = F.conv2d(image, conv.weight, conv.bias, stride=2, padding=1)
            if index:
                image = F.instance_norm(image)
            image = F.leaky_relu(image, 0.2)
        torch.testing.assert_close(got, F.conv2d(image, convs[-1].weight, convs[-1].bias, padding=1))


def test_the_form_of_unit():
    """Mirrored borders, no norm, a 1x1 head: MsImageDis of the MUNIT repository."""
    form = dict(norm='none', padding_mode='reflect', head_kernel=1)
    assert count(MultiScalePatchDiscriminator(**form)) == 8_271_171
    network = MultiScalePatchDiscriminator(base=4, num_layers=3, num_scales=1, **form).double()
    image = want = torch.rand(2, 3, 32, 48, dtype=torch.float64)
    convs = [layer for layer in network.scales[0] if isinstance(layer, torch.nn.Conv2d)]
    for conv in convs[:-1]:
        want = F.leaky_relu(F.conv2d(F.pad(want, (1,) * 4, mode='reflect'), conv.weight, conv.bias, stride=2), 0.2)
    want = F.conv2d(want, convs[-1].weight, convs[-1].bias)
    assert want.shape == (2, 1, 4, 6)
    torch.testing.assert_close(network(image)[0], want, rtol=0, atol=1e-12)


def test_too_small_an_image_is_named():
    network = MultiScalePatchDiscriminator(base=4)
    with pytest.raises(ValueError, match='32x256 is too small'):
        network(torch.rand(1, 3, 32, 256))
    with pytest.raises(ValueError, match='64x64 is too small'):
        network(torch.rand(1, 3, 64, 64))
    assert len(network(torch.rand(1, 3, 64, 128))) == 3
    assert MultiScalePatchDiscriminator(base=4, norm='none')(torch.rand(1, 3, 64, 64))[-1].shape == (1, 1, 1, 1)


def test_lptn_gives_one_score_at_any_size():
    (score,) = LPTNDiscriminator()(torch.rand(2, 3, 90, 161))
    assert score.shape == (2, 1, 1, 1)


def test_lptn_layers_are_in_the_order_of_its_code():
    names = [type(layer).__name__ for layer in LPTNDiscriminator().layers]
    assert names == ['Conv2d', 'LeakyReLU', 'InstanceNorm2d'] + ['Conv2d', 'LeakyReLU'] * 4 + ['Conv2d']
