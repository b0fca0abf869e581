"""Colour invariants of a Gaussian colour model, as CIConv and DiCo take them from an image (specs/dico 2)."""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.functional import at_least_single, constant, no_autocast
from nightgen.registry import MODELS

INVARIANTS = 'EWCNH'
POSTS = ('log_in', 'sqrt')
PADS = ('reflect', 'zeros')
MIXES = ('matrix', 'diag')
SCALE_LIMIT = 2.5  # of the exponent: sigma stays within 0.18 and 5.7 pixels
DARKEST = 1e-4  # the mean intensity below which a relative epsilon falls no further
# From R, G, B to the intensity E and its first and second derivative by wavelength.
COLOUR_MODEL = ((0.06, 0.63, 0.27), (0.30, 0.04, -0.35), (0.34, -0.60, 0.17))


def kernel_radius(sigma: float, k: float = 3.0) -> int:
    """Pixels to each side of a Gaussian's centre that are summed: ceil(k * sigma + 0.5)."""
    return math.ceil(k * sigma + 0.5)


def gaussian_kernels(sigma: Tensor, radius: int, k: float = 3.0) -> Tensor:
    """A Gaussian of the sum 1 and its derivative, whose absolute values have the sum 1.

    Taps further out than :func:`kernel_radius` of ``sigma`` are 0, so that a larger ``radius`` changes nothing.

    Args:
        sigma: 0-d, in pixels; gradients reach it.
        radius: Of the kernels that are made.
        k: See :func:`kernel_radius`.

    Returns:
        2,2*radius+1. In two dimensions a kernel is the outer product of a row and a column of these.
    """
    taps = torch.arange(-radius, radius + 1, dtype=sigma.dtype, device=sigma.device)
    inside = taps.abs() <= torch.ceil(k * sigma.detach() + 0.5)
    bell = torch.exp(-taps.square() / (2 * sigma.square())) * inside
    slope = -taps * bell
    return torch.stack([bell / bell.sum(), slope / slope.abs().sum()])


def colour_derivatives(rgb: Tensor, kernels: Tensor, pad: str = 'reflect') -> tuple[Tensor, Tensor]:
    """Smoothed E, E_l, E_ll and their derivatives by x and y, in two passes of one-dimensional kernels.

    Args:
        rgb: N,3,H,W in [0, 1], not normalised.
        kernels: As :func:`gaussian_kernels` makes them.
        pad: ``'reflect'``, or ``'zeros'`` as CIConv does, which sees an edge at the border.

    Returns:
        N,3,H,W and N,3,2,H,W (x before y).

    Raises:
        ValueError: Not three channels, or an image that reflection cannot enlarge by the kernels' radius.
    """
    if rgb.ndim != 4 or rgb.shape[1] != 3:
        raise ValueError(f'colour invariants: expected RGB images N,3,H,W in [0, 1], got {tuple(rgb.shape)}')
    radius = kernels.shape[1] // 2
    if pad == 'reflect' and min(rgb.shape[-2:]) <= radius:
        raise ValueError(f'colour invariants: sides of more than {radius} pixels are needed to reflect the border of '
                         f'an image, got {rgb.shape[-2]}x{rgb.shape[-1]}')
    mode = 'reflect' if pad == 'reflect' else 'constant'
    model = constant(COLOUR_MODEL, rgb)
    # Along rows, with the colour model in the same convolution; of E, E_l and E_ll each smoothed, then its slope.
    across = (model[:, None, :, None] * kernels[None, :, None, :]).reshape(6, 3, 1, -1)
    rows = F.conv2d(F.pad(rgb, (radius, radius, 0, 0), mode), across)
    bell, slope = kernels
    zero = torch.zeros_like(bell)
    down = torch.stack([torch.stack([bell, zero]), torch.stack([zero, bell]), torch.stack([slope, zero])])
    maps = F.conv2d(F.pad(rows, (0, 0, radius, radius), mode), down[..., None].repeat(3, 1, 1, 1), groups=3)
    maps = maps.unflatten(1, (3, 3))
    return maps[:, :, 0], maps[:, :, 1:]


def squared_invariants(values: Tensor, derivatives: Tensor, kinds: str = INVARIANTS, eps: float = 1e-5,
                       relative_eps: bool = False) -> Tensor:
    """The squares of the invariants E, W, C, N and H (specs/dico 2.3, with its corrections of the paper's table).

    Args:
        values: N,3,H,W: E, E_l, E_ll.
        derivatives: N,3,2,H,W: of these by x and y.
        kinds: Which, in which order.
        eps: Added to every denominator.
        relative_eps: Add ``eps`` times the power of the image's mean intensity that the denominator has, so that C, N
            and H stay what they are in dark images.

    Returns:
        N,len(kinds),H,W.
    """
    e, el, ell = (part.unsqueeze(1) for part in values.unbind(1))
    de, del_, dell = derivatives.unbind(1)
    mean = e.mean(dim=(2, 3), keepdim=True).clamp(min=DARKEST) if relative_eps else 1.0
    made: dict[str, Tensor] = {}
    if {'E', 'W'} & set(kinds):
        made['E'] = derivatives.square().sum(dim=(1, 2)).unsqueeze(1)
        made['W'] = made['E'] / (e + eps * mean).square()
    if {'C', 'N'} & set(kinds):
        first, second = del_ * e - el * de, dell * e - ell * de
        square = e.square() + eps * mean ** 2
        slope = first / square
        made['C'] = (slope.square() + (second / square).square()).sum(1, keepdim=True)
        if 'N' in kinds:
            curve = (second * e - 2 * el * first) / (e ** 3 + eps * mean ** 3)
            made['N'] = (slope.square() + curve.square()).sum(1, keepdim=True)
    if 'H' in kinds:
        hue = (ell * del_ - el * dell) / (el.square() + ell.square() + eps * mean ** 2)
        made['H'] = hue.square().sum(1, keepdim=True)
    return torch.cat([made[kind] for kind in kinds], dim=1)


def _finish(squares: Tensor, post: str) -> Tensor:
    if post == 'sqrt':
        return (squares + 1e-12).sqrt()  # a root has no slope at 0
    return F.instance_norm(torch.log(squares + 1e-5))


@MODELS.register_module()
class LearnableColorInvariant(nn.Module):
    """Several colour invariants of an image, at a learnt scale, mixed by learnt weights (DiCo eq. 4 to 7).

    All of it is computed in 32 bit, whatever autocast says: a third power of a dark pixel is no 16-bit number. The
    kernels have as many taps as the scale needs. In training that number is read from the scale every ``refresh``
    calls, with a tap to spare, since reading it each time would wait for the device; taps that are not needed are 0.

    Args:
        invariants: Which of E, W, C, N, H.
        out_channels: Channels of the mixture.
        mix: ``'matrix'``: out_channels x invariants weights, starting as the identity (as a row of every how-manieth
            invariant where there are fewer channels). ``'diag'``: one weight for each invariant.
        scale_init: Start of the exponent s of sigma = 2 ** s pixels, kept within +-2.5.
        learn_scale: Whether it is learnt.
        k: Kernels reach ceil(k * sigma + 0.5) pixels to each side.
        eps, relative_eps: See :func:`squared_invariants`; relative ones are about 1e-3.
        post: ``'log_in'``: instance norm of log(X ** 2 + 1e-5), as CIConv does. ``'sqrt'``: X itself, as the paper has
            it.
        pad: See :func:`colour_derivatives`.
        refresh: Calls in training from one reading of the scale to the next.

    Raises:
        ValueError: Unknown or double invariants, an unknown option, or channels that do not fit ``'diag'``.

    Shape: N,3,H,W RGB in [0, 1] to N,out_channels,H,W.
    """

    def __init__(self, invariants: str = INVARIANTS, out_channels: int = 5, mix: str = 'matrix',
                 scale_init: float = 0.0, learn_scale: bool = True, k: float = 3.0, eps: float = 1e-5,
                 post: str = 'log_in', pad: str = 'reflect', relative_eps: bool = False, refresh: int = 100) -> None:
        super().__init__()
        who, number = type(self).__name__, len(invariants)
        if not invariants or set(invariants) - set(INVARIANTS) or len(set(invariants)) < number:
            raise ValueError(f'{who}: invariants are different letters of {INVARIANTS}, got {invariants!r}')
        for name, value, known in (('mix', mix, MIXES), ('post', post, POSTS), ('pad', pad, PADS)):
            if value not in known:
                raise ValueError(f'{who}: {name} must be one of {known}, got {value!r}')
        if mix == 'diag' and out_channels != number:
            raise ValueError(f"{who}: mix='diag' gives each of {number} invariants a channel of its own, but "
                             f'out_channels={out_channels}')
        if min(out_channels, refresh) < 1 or eps < 0 or k <= 0:
            raise ValueError(f'{who}: out_channels and refresh are 1 or more, k is positive and eps not negative, got '
                             f'{out_channels}, {refresh}, {k} and {eps}')
        self.invariants, self.out_channels, self.k, self.eps, self.post = invariants, out_channels, k, eps, post
        self.pad, self.relative_eps, self.refresh = pad, relative_eps, refresh
        self.weight = nn.Parameter(torch.ones(number) if mix == 'diag' else self._start(out_channels, number))
        scale = torch.tensor(float(scale_init))
        if learn_scale:
            self.scale = nn.Parameter(scale)
        else:
            self.register_buffer('scale', scale)
        self.register_buffer('kernels', None, persistent=False)  # made by `frozen`
        self._radius, self._calls_left = 0, 0

    @staticmethod
    def _start(channels: int, number: int) -> Tensor:
        start = torch.zeros(channels, number)
        for index in range(max(channels, number)):
            start[index % channels, index % number] = 1
        return start / start.sum(dim=1, keepdim=True).sqrt()

    @property
    def sigma(self) -> Tensor:
        """The Gaussian's standard deviation in pixels, 0-d."""
        return 2 ** self.scale.clamp(-SCALE_LIMIT, SCALE_LIMIT)

    def _current_kernels(self, dtype: torch.dtype) -> Tensor:
        if self.kernels is not None:
            return self.kernels.to(dtype)
        if self.training and self._calls_left > 0:
            self._calls_left -= 1
        else:
            self._radius = kernel_radius(float(self.sigma.detach()), self.k) + self.training
            self._calls_left = self.refresh - 1
        return gaussian_kernels(self.sigma.to(dtype), self._radius, self.k)

    def parts(self, rgb: Tensor) -> Tensor:
        """The invariants before they are mixed, N,len(invariants),H,W."""
        with no_autocast(rgb):
            rgb = at_least_single(rgb)
            maps = colour_derivatives(rgb, self._current_kernels(rgb.dtype), self.pad)
            return _finish(squared_invariants(*maps, self.invariants, self.eps, self.relative_eps), self.post)

    def forward(self, rgb: Tensor) -> Tensor:
        parts = self.parts(rgb)
        with no_autocast(rgb):
            weight = self.weight.to(parts.dtype)
            if weight.ndim == 1:
                return parts * weight[:, None, None]
            return F.conv2d(parts, weight[:, :, None, None])

    def frozen(self) -> LearnableColorInvariant:
        """A copy for inference, whose kernels are made once and for all."""
        twin = copy.deepcopy(self).eval().requires_grad_(False)
        with torch.no_grad():
            sigma = twin.sigma
            twin.kernels = gaussian_kernels(sigma, kernel_radius(float(sigma), self.k), self.k)
        return twin

    def run_state(self) -> dict[str, int]:
        """What a resumed run needs to go on with kernels of the same size."""
        return dict(radius=self._radius, calls_left=self._calls_left)

    def load_run_state(self, state: dict[str, int]) -> None:
        self._radius, self._calls_left = state['radius'], state['calls_left']

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        super()._load_from_state_dict(*args, **kwargs)
        self._calls_left = 0  # the scale may be another one now

    def extra_repr(self) -> str:
        return f'{self.invariants}, out_channels={self.out_channels}, post={self.post!r}, eps={self.eps}'


@MODELS.register_module()
class ColorInvariant(nn.Module):
    """One colour invariant of an image, without anything to learn.

    What changes nothing in each of them (Table I of DiCo): nothing for E; the light's intensity for W; also shading for
    C; also reflexes for H; intensity, shading and the light's colour for N. An epsilon of the denominators limits this
    in the dark: with 1e-5, N falls to a half at 3 % of the brightness.

    Args:
        kind: E, W, C, N or H.
        sigma: Of the Gaussian, in pixels.
        k, eps, relative_eps, post, pad: See :class:`LearnableColorInvariant`; by default it is the invariant itself.

    Raises:
        ValueError: An unknown kind or option, or a sigma that is not positive.

    Shape: N,3,H,W RGB in [0, 1] to N,1,H,W.
    """

    def __init__(self, kind: str, sigma: float = 1.0, k: float = 3.0, eps: float = 1e-5, post: str = 'sqrt',
                 pad: str = 'reflect', relative_eps: bool = False) -> None:
        super().__init__()
        if kind not in tuple(INVARIANTS) or post not in POSTS or pad not in PADS or sigma <= 0:
            raise ValueError(f'ColorInvariant: kind is one of {", ".join(INVARIANTS)}, post one of {POSTS}, pad one of '
                             f'{PADS} and sigma positive; got {kind!r}, {post!r}, {pad!r} and {sigma}')
        self.kind, self.post, self.pad, self.eps, self.relative_eps = kind, post, pad, eps, relative_eps
        kernels = gaussian_kernels(torch.tensor(float(sigma), dtype=torch.float64), kernel_radius(sigma, k), k)
        self.register_buffer('kernels', kernels, persistent=False)

    def forward(self, rgb: Tensor) -> Tensor:
        with no_autocast(rgb):
            rgb = at_least_single(rgb)
            maps = colour_derivatives(rgb, self.kernels.to(rgb.dtype), self.pad)
            return _finish(squared_invariants(*maps, self.kind, self.eps, self.relative_eps), self.post)

    def extra_repr(self) -> str:
        return f'{self.kind}, post={self.post!r}'
