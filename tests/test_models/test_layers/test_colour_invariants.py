"""Colour invariants against derivatives of analytic spectra, a naive two-dimensional filter and the spec's table."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch.autograd import grad

from nightgen.models.layers import ColorInvariant, LearnableColorInvariant
from nightgen.models.layers.colour_invariants import (
    COLOUR_MODEL,
    INVARIANTS,
    colour_derivatives,
    gaussian_kernels,
    kernel_radius,
    squared_invariants,
)


def spectrum(x, y, wavelength):
    """An analytic intensity over place and wavelength."""
    return (1.3 + 0.4 * torch.sin(1.1 * x + 0.3 * y) + 0.2 * torch.cos(0.7 * y)) * torch.exp(
        0.4 * wavelength * x - 0.3 * (wavelength - 0.2 * y) ** 2) + 0.15 * wavelength ** 2 * y


def derivatives(function, *at):
    """Derivatives of a function of place and wavelength by x and by y, float64."""
    x, y, wavelength = at
    return [grad(function(x, y, wavelength), place, create_graph=True)[0] for place in (x, y)]


def by_wavelength(function, order):
    def derived(x, y, wavelength):
        value = function(x, y, wavelength)
        for _ in range(order):
            value = grad(value, wavelength, create_graph=True)[0]
        return value
    return derived


def expected_squares(*at):
    """The definitions: derivatives of E, log E, E_l / E, and the angle of (E_l, E_ll), by torch's own autograd."""
    def quotient(order):
        return lambda *where: by_wavelength(spectrum, order)(*where) / spectrum(*where)

    def hue(*where):
        return torch.atan2(by_wavelength(spectrum, 1)(*where), by_wavelength(spectrum, 2)(*where))

    def total(*functions):
        return sum(part ** 2 for function in functions for part in derivatives(function, *at))

    energy = [by_wavelength(spectrum, order) for order in range(3)]
    normed = [lambda *where, part=part: part(*where) / spectrum(*at).detach() for part in energy]
    return dict(E=total(*energy), W=total(*normed), C=total(quotient(1), quotient(2)), H=total(hue),
                N=total(quotient(1), by_wavelength(quotient(1), 1)))


@pytest.mark.parametrize('x,y,wavelength', [(0.3, -0.2, 0.5), (-0.8, 0.6, -0.3), (0.1, 1.2, 0.9)])
def test_formulas_are_the_derivatives_that_they_stand_for(x, y, wavelength):
    at = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (x, y, wavelength)]
    energy = [by_wavelength(spectrum, order) for order in range(3)]
    values = torch.stack([part(*at) for part in energy]).detach().view(1, 3, 1, 1)
    slopes = torch.tensor([[one.item() for one in derivatives(part, *at)] for part in energy], dtype=torch.float64)
    found = squared_invariants(values, slopes.view(1, 3, 2, 1, 1), eps=0.0)[0, :, 0, 0]
    for kind, value in zip(INVARIANTS, found, strict=True):
        torch.testing.assert_close(value, expected_squares(*at)[kind].detach(), rtol=1e-10, atol=0, msg=kind)


def test_kernels():
    assert [kernel_radius(2.0 ** scale) for scale in (-2.5, 0, 1, 2.5)] == [2, 4, 7, 18]
    bell, slope = gaussian_kernels(torch.tensor(1.0, dtype=torch.float64), 4)
    assert len(bell) == 9 and bell.sum().item() == pytest.approx(1) and slope.abs().sum().item() == pytest.approx(1)
    assert bell[5] / bell[4] == pytest.approx(math.exp(-0.5)) and slope[3] / slope[2] == pytest.approx(
        math.exp(-0.5) / (2 * math.exp(-2)))
    for one, other in zip(gaussian_kernels(torch.tensor(1.0), 4), gaussian_kernels(torch.tensor(1.0), 6), strict=True):
        assert other[2:-2].equal(one) and not other[[0, 1, -2, -1]].any()


@pytest.mark.parametrize('pad', ['reflect', 'zeros'])
def test_two_passes_are_one_filter_of_two_dimensions(pad):
    """CIConv's way: g, g_x and g_y as full squares, the last two with absolute values of the sum 1."""
    generator = torch.Generator().manual_seed(0)
    rgb = torch.rand(2, 3, 14, 17, generator=generator, dtype=torch.float64)
    sigma = torch.tensor(1.3, dtype=torch.float64)
    radius = math.ceil(3 * 1.3 + 0.5)
    v, u = torch.meshgrid(*[torch.arange(-radius, radius + 1, dtype=torch.float64)] * 2, indexing='ij')
    g = torch.exp(-(u ** 2 + v ** 2) / (2 * 1.3 ** 2))
    filters = torch.stack([g / g.sum(), -u * g / (u * g).abs().sum(), -v * g / (v * g).abs().sum()])[:, None]
    padded = F.pad(rgb, [radius] * 4, 'reflect' if pad == 'reflect' else 'constant')
    values, slopes = colour_derivatives(rgb, gaussian_kernels(sigma, radius + 0), pad)
    for index, row in enumerate(COLOUR_MODEL):
        spectral = sum(weight * padded[:, c:c + 1] for c, weight in enumerate(row))
        expected = F.conv2d(spectral, filters)
        torch.testing.assert_close(values[:, index], expected[:, 0])
        torch.testing.assert_close(slopes[:, index], expected[:, 1:])


def smooth_image(side=96):
    """A smooth random colour image in [0.02, 0.98], float64."""
    noise = torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    return F.interpolate(noise, (side, side), mode='bicubic', align_corners=False).clamp(0.02, 0.98)


def test_what_brightness_changes():
    """The spec's table: with eps 1e-5 only W stays in the dark, C, N and H shrink; a relative eps keeps all four."""
    image = smooth_image()
    means = {kind: [ColorInvariant(kind)(scale * image).mean().item() for scale in (1, 0.1, 0.03, 0.01)]
             for kind in INVARIANTS}
    assert [value / means['E'][0] for value in means['E']] == pytest.approx([1, 0.1, 0.03, 0.01], rel=1e-3)
    assert means['W'] == pytest.approx([means['W'][0]] * 4, rel=5e-3)
    table = dict(C=(1, 0.99, 0.90, 0.57), N=(1, 0.87, 0.55, 0.32), H=(1, 0.80, 0.46, 0.14))
    for kind, row in table.items():
        relative = [value / means[kind][0] for value in means[kind]]
        assert relative == pytest.approx(row, abs=0.03), kind  # another smooth random image than the spec's
        steady = [ColorInvariant(kind, eps=1e-3, relative_eps=True)(scale * image).mean() for scale in (1, 0.01)]
        assert steady[1] / steady[0] == pytest.approx(1, rel=1e-6)
    for kind in 'WCNH':
        layer = ColorInvariant(kind, eps=0.0)
        torch.testing.assert_close(layer(image), layer(0.37 * image), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize('relative', [False, True])
@pytest.mark.parametrize('post', ['log_in', 'sqrt'])
def test_gradients_are_finite_on_black_images_and_right_on_others(post, relative):
    layer = LearnableColorInvariant(post=post, relative_eps=relative)
    black = torch.zeros(1, 3, 20, 20, requires_grad=True)
    layer(black).sum().backward()
    assert all(part.grad.isfinite().all() for part in (black, layer.weight, layer.scale))
    layer = LearnableColorInvariant(post=post, relative_eps=relative).double().eval()
    image = smooth_image(16)[..., :12, :13].requires_grad_()

    def mixed(image, scale, weight):
        return torch.func.functional_call(layer, dict(scale=scale, weight=weight), (image,)).square().mean()

    scale, weight = (value.detach().clone().requires_grad_() for value in (layer.scale, layer.weight))
    assert torch.autograd.gradcheck(mixed, (image, scale, weight), atol=1e-6)


def test_the_mixture_starts_as_the_invariants_themselves():
    image = smooth_image(40).float()
    layer = LearnableColorInvariant()
    assert sum(p.numel() for p in layer.parameters()) == 26 and layer.weight.shape == (5, 5)
    parts = layer.parts(image)
    assert layer(image).equal(parts) and parts.mean(dim=(2, 3)).abs().max() < 1e-4
    for index, kind in enumerate(INVARIANTS):
        single = ColorInvariant(kind)(image)
        torch.testing.assert_close(LearnableColorInvariant(post='sqrt')(image)[:, index:index + 1], single, rtol=1e-4,
                                   atol=1e-6)
        torch.testing.assert_close(F.instance_norm(torch.log(single ** 2 + 1e-5)), parts[:, index:index + 1],
                                   rtol=1e-3, atol=1e-3)
    assert LearnableColorInvariant(mix='diag')(image).equal(parts)
    three = LearnableColorInvariant(out_channels=3)
    assert three.weight.numel() == 15 and (three.weight != 0).any(0).all()
    torch.testing.assert_close(three(image), torch.stack(
        [(parts[:, 0] + parts[:, 3]) / 2 ** 0.5, (parts[:, 1] + parts[:, 4]) / 2 ** 0.5, parts[:, 2]], 1))
    with torch.no_grad():
        layer.weight.copy_(torch.arange(25.0).view(5, 5))
    torch.testing.assert_close(layer(image), torch.einsum('oi,nihw->nohw', layer.weight, parts))


def test_the_scale_is_clamped_and_its_kernels_follow_it():
    image = smooth_image(48).float()
    layer = LearnableColorInvariant(scale_init=9.0)
    assert layer.sigma.item() == pytest.approx(2 ** 2.5)
    layer.train()
    layer(image).sum().backward()
    assert layer.scale.grad == 0 and layer._radius == 18 + 1
    layer = LearnableColorInvariant(refresh=3).train()
    reads = []
    for scale in (0.0, 0.1, 0.1, 1.0):
        with torch.no_grad():
            layer.scale.fill_(scale)
        made = layer(image)
        reads.append(layer._radius)
        torch.testing.assert_close(made, copy.deepcopy(layer).eval()(image), rtol=1e-4, atol=1e-4)
    assert reads == [5, 5, 5, 8]
    state = layer.run_state()
    other = LearnableColorInvariant(refresh=3)
    other.load_state_dict(layer.state_dict())
    other.load_run_state(state)
    assert other(image).equal(layer(image)) and other.run_state() == layer.run_state()
    frozen = layer.frozen()
    with torch.no_grad():
        frozen.scale.fill_(-1.0)  # does nothing any more
    assert torch.equal(frozen(image), layer.eval()(image)) and set(frozen.state_dict()) == {'weight', 'scale'}


def test_it_does_not_read_the_scale_each_time(monkeypatch):
    layer, reads = LearnableColorInvariant(refresh=10).train(), []
    read = kernel_radius
    monkeypatch.setattr('nightgen.models.layers.colour_invariants.kernel_radius',
                        lambda *args: reads.append(1) or read(*args))
    for _ in range(20):
        layer(torch.rand(1, 3, 20, 20))
    assert len(reads) == 2


def test_16_bit_regions_keep_dark_pixels():
    image = 0.01 * smooth_image(32).float()
    layer = LearnableColorInvariant(post='sqrt', eps=1e-3, relative_eps=True)
    expected = layer(image)
    with torch.autocast('cpu', torch.bfloat16):
        assert layer(image).equal(expected) and layer(image).dtype == torch.float32


@pytest.mark.parametrize('arguments,message', [
    (dict(invariants='EWX'), 'different letters of EWCNH'), (dict(invariants='EE'), 'different letters'),
    (dict(mix='diag', out_channels=3), 'a channel of its own'), (dict(post='log'), "post must be one of"),
    (dict(eps=-1), 'eps not negative'), (dict(refresh=0), 'refresh are 1 or more')])
def test_wrong_options_are_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        LearnableColorInvariant(**arguments)


def test_wrong_images_are_told():
    with pytest.raises(ValueError, match='sides of more than 4 pixels are needed.*got 4x9'):
        ColorInvariant('W')(torch.rand(1, 3, 4, 9))
    with pytest.raises(ValueError, match='expected RGB images'):
        ColorInvariant('W')(torch.rand(1, 1, 9, 9))
    with pytest.raises(ValueError, match="kind is one of E, W, C, N, H.*got 'EW'"):
        ColorInvariant('EW')
