"""Classification of colours: cross-entropy with soft-encoded bins, rare colours weighing more (Zhang et al. 2016)."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from nightgen.functional import AB_SCALE, at_least_single, colour_bins, nearest_bins, no_autocast, rebalancing_weights
from nightgen.registry import LOSSES


def color_bins(bin_logits: Tensor, chroma: Tensor, bins: Tensor, weights: Tensor | None = None, neighbours: int = 5,
               sigma: float = 5.0) -> Tensor:
    """Mean over pixels of ``- v sum_q Z_q log P_q`` (Zhang et al. 2016, eq. 2).

    Args:
        bin_logits: N,Q,h,w; P is their softmax.
        chroma: N,2,H,W, a and b in Lab units; of each square of ceil(H / h) pixels the first counts.
        bins: Q,2 in Lab units.
        weights: Q, what a pixel counts by its nearest bin (v); None for 1.
        neighbours, sigma: Of the soft encoding Z, see :func:`nightgen.functional.nearest_bins`.

    Returns:
        0-d tensor.

    Raises:
        ValueError: Shapes that do not fit.
    """
    height, width = bin_logits.shape[-2:]
    step = -(-chroma.shape[-2] // height)
    chosen = chroma[..., ::step, ::step]
    if bin_logits.shape[1] != len(bins) or chroma.shape[1] != 2 or chosen.shape[-2:] != (height, width):
        raise ValueError(f'color_bins: logits N,{len(bins)},h,w and chroma N,2,H,W of a multiple of their size '
                         f'are needed, got {tuple(bin_logits.shape)} and {tuple(chroma.shape)}')
    with no_autocast(bin_logits):
        index, share = nearest_bins(at_least_single(chosen.detach()), bins, neighbours, sigma)
        likely = torch.log_softmax(at_least_single(bin_logits), dim=1).gather(1, index)
        each = -(share * likely).sum(dim=1)
        return (each if weights is None else each * weights.to(each)[index[:, 0]]).mean()


def read_prior(path: str | Path) -> list[float]:
    """How frequent each bin is, as ``tools/dataset_converters/color_prior.py`` writes it.

    Raises:
        FileNotFoundError: There is no such file; names the command that makes it.
        ValueError: It is no prior of these bins.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'ColorBinsLoss: there is no prior {path}; `python tools/dataset_converters/'
                                f'color_prior.py <folder of training images> {path}` makes it')
    number = len(colour_bins())
    try:
        prior = json.loads(Path(path).read_text())['prior']
        valid = len(prior) == number and min(prior) >= 0 and abs(sum(prior) - 1) < 1e-3
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f'ColorBinsLoss: {path} is no prior of colours: {error!r}') from error
    if not valid:
        raise ValueError(f'ColorBinsLoss: {path} does not hold {number} shares of sum 1')
    return prior


@LOSSES.register_module()
class ColorBinsLoss(nn.Module):
    """:func:`color_bins` with the weights of a prior: ``reads=dict(bin_logits='logits_chroma', chroma='real_chroma')``.

    Args:
        prior: File of how frequent the bins are in the training images, which is read when training begins; None gives
            every pixel the weight 1 (the paper's row without rebalancing).
        uniform: Share of the uniform distribution in the weights, the paper's lambda.
        neighbours, sigma: Of the soft encoding.
        ab_scale: What a and b of ``chroma`` were divided by.

    Raises:
        ValueError: A share outside (0, 1], or ``neighbours``, ``sigma`` or a scale that is not positive.
        FileNotFoundError, ValueError: From ``prepare_training`` or the first call, see :func:`read_prior`.
    """

    def __init__(self, prior: str | Path | None = None, uniform: float = 0.5, neighbours: int = 5, sigma: float = 5.0,
                 ab_scale: float = AB_SCALE):
        super().__init__()
        if not 0 < uniform <= 1 or neighbours < 1 or sigma <= 0 or ab_scale <= 0:
            raise ValueError('ColorBinsLoss: uniform is a share in (0, 1]; neighbours, sigma and ab_scale are '
                             f'positive, got {uniform}, {neighbours}, {sigma} and {ab_scale}')
        self.prior, self.uniform = prior, uniform
        self.neighbours, self.sigma, self.ab_scale = neighbours, sigma, ab_scale
        self.register_buffer('bins', torch.from_numpy(colour_bins()).float(), persistent=False)
        self.register_buffer('weights', None, persistent=False)

    def prepare_training(self) -> None:
        """Read the prior, if it is not read yet; :class:`TranslatorCheckHook` calls this when a run begins."""
        if self.prior is not None and self.weights is None:
            prior = torch.tensor(read_prior(self.prior), dtype=torch.float64)
            self.weights = rebalancing_weights(prior, self.uniform).float().to(self.bins.device)

    def forward(self, bin_logits: Tensor, chroma: Tensor) -> Tensor:
        self.prepare_training()
        return color_bins(bin_logits, at_least_single(chroma) * self.ab_scale, self.bins, self.weights,
                          self.neighbours, self.sigma)
