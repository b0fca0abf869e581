"""ToDayGAN's discriminator: parameters, score maps, its views computed apart, a hand-written forward, both variants."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nightgen.models.discriminators import ThreeViewDiscriminator
from nightgen.models.discriminators.three_view import blur_kernel
from nightgen.models.layers import SpectralConv2d
from nightgen.models.losses import AdversarialLoss
from nightgen.registry import DISCRIMINATORS

TODAYGAN = dict(norm='instance', spectral=False)


def test_parameter_counts():
    network = ThreeViewDiscriminator()
    counts = [sum(parameter.numel() for parameter in view.parameters()) for view in network.networks]
    assert counts == [6_966_729, 6_964_681, 2_766_791] and sum(counts) == 16_698_201
    assert sum(parameter.numel() for parameter in ThreeViewDiscriminator(**TODAYGAN).parameters()) == 16_698_201


@pytest.mark.parametrize('settings', [dict(), TODAYGAN])
def test_score_maps(settings):
    scores = ThreeViewDiscriminator(base=2, **settings)(torch.rand(2, 3, 256, 256) * 2 - 1)
    assert [[tuple(score.shape) for score in view] for view in scores] == [
        [(2, 1, side, side) for side in sides] for sides in ([65, 33, 17, 19], [65, 33, 17, 19], [33, 17, 19])]


def test_equal_scores_give_the_closed_form():
    """specs/morngan 8: one third of 1/4 + 1/4 + 1/3, on both sides."""
    scores = ThreeViewDiscriminator(base=2)(torch.rand(1, 3, 64, 64) * 2 - 1)
    loss = AdversarialLoss('relativistic_lsgan', 'progressive')
    assert loss.generator(scores, scores).item() == pytest.approx(0.27778, abs=1e-5)
    assert loss.discriminator(scores, scores).item() == pytest.approx((1 / 4 + 1 / 4 + 1 / 3) / 3, rel=1e-6)


def test_blur_kernel():
    kernel = blur_kernel()[0, 0]
    assert kernel.sum().item() == pytest.approx(1, abs=1e-6)
    assert kernel[0, 0].item() == pytest.approx(0.03989, abs=5e-6)
    assert kernel[2, 2].item() == pytest.approx(0.04013, abs=5e-6)
    filters = pytest.importorskip('scipy.ndimage')
    delta = np.zeros((5, 5))
    delta[2, 2] = 1
    np.testing.assert_allclose(kernel, filters.gaussian_filter(delta, 3), rtol=1e-6)


def test_views_are_those_of_loops_over_pixels():
    image = np.random.default_rng(0).uniform(-1, 1, (3, 11, 14))
    network = ThreeViewDiscriminator(base=2).double()
    blurred, grey, gradient = (view[0].numpy() for view in network.views(torch.from_numpy(image)[None]))
    expected = 0.299 * image[0] + 0.587 * image[1] + 0.114 * image[2]
    np.testing.assert_allclose(grey[0], expected, rtol=1e-12)
    kernel = blur_kernel()[0, 0].double().numpy()
    padded = np.pad(image, ((0, 0), (2, 2), (2, 2)))
    for channel, row, column in ((0, 0, 0), (1, 5, 7), (2, 10, 13)):
        window = padded[channel, row:row + 5, column:column + 5]
        np.testing.assert_allclose(blurred[channel, row, column], (window * kernel).sum(), rtol=1e-12)
    half = expected[::2, ::2]
    assert gradient.shape == (2, 4, 5)
    for row in range(4):
        for column in range(5):
            middle = row + 1, column + 1
            np.testing.assert_allclose(gradient[0, row, column], half[middle[0], column + 2] - half[middle[0], column])
            np.testing.assert_allclose(gradient[1, row, column], half[row + 2, middle[1]] - half[row, middle[1]])


def hand_written(branch, view, norm):
    """specs/morngan 1.4, from the convolutions' weights in order of definition."""
    convs = [module for module in branch.modules() if isinstance(module, nn.Conv2d)]
    slopes = [module.weight for module in branch.modules() if isinstance(module, nn.PReLU)]
    scores = []
    for index, (conv, slope) in enumerate(zip(convs, slopes, strict=False)):
        view = F.conv2d(view, conv.weight, conv.bias, stride=1 if index == len(convs) - 2 else 2, padding=2)
        if index and norm == 'instance':
            view = F.instance_norm(view)
        view = F.prelu(view, slope)
        if 0 < index < len(convs) - 2:
            scores.append(view[:, -1:])
            view = view[:, :-1]
    return [*scores, F.conv2d(view, convs[-1].weight, convs[-1].bias, padding=2)]


@pytest.mark.parametrize('norm', ['none', 'instance'])
def test_against_a_hand_written_forward_pass(norm):
    network = ThreeViewDiscriminator(base=4, norm=norm, spectral=False).double()
    x = torch.rand(2, 3, 72, 64, dtype=torch.float64) * 2 - 1
    for branch, view, scores in zip(network.networks, network.views(x), network(x), strict=True):
        for ours, theirs in zip(scores, hand_written(branch, view, norm), strict=True):
            torch.testing.assert_close(ours, theirs)


def test_spectral_norm_is_in_every_convolution_or_in_none():
    for spectral in (True, False):
        network = DISCRIMINATORS.build(dict(type='ThreeViewDiscriminator', base=2, spectral=spectral))
        convs = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
        assert len(convs) == 6 + 6 + 5 and all(isinstance(conv, SpectralConv2d) == spectral for conv in convs)


def test_initialisation():
    network = ThreeViewDiscriminator(base=16)
    network.init_weights()
    weights = torch.cat([module.weight.flatten() for module in network.modules() if isinstance(module, nn.Conv2d)])
    assert abs(weights.std().item() - 0.02) < 0.001


def test_views_keep_their_precision_under_autocast():
    network = ThreeViewDiscriminator(base=2)
    x = torch.rand(1, 3, 40, 40) * 2 - 1
    expected = network.views(x)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert all(torch.equal(ours, theirs) for ours, theirs in zip(network.views(x), expected, strict=True))
        assert network(x)[0][0].dtype is torch.bfloat16
        half = network.views(x.bfloat16())
    assert all(view.dtype is torch.float32 for view in half)


def test_errors():
    with pytest.raises(ValueError, match='at least 2, got 1'):
        ThreeViewDiscriminator(num_layers=1)
