"""LPIPS, where its weights are there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from nightgen.registry import METRICS

from .pair_network import PairNetworkMetric


@METRICS.register_module()
class LPIPS(PairNetworkMetric):
    """Learned perceptual distance between ``fake`` and ``truth``, mean over pictures; lower is better.

    Args:
        weights, linear_weights, net: Files and kind of ``LPIPSNetwork``; nothing replaces a file that is not there.
        network: Config of another network of pairs with ``identity``, in place of these.
        batch_size, prefix: See :class:`PairNetworkMetric`.

    Raises:
        ValueError: No weight file; a sample without truth.
    """

    key = 'LPIPS'

    def __init__(self, weights: str | Path | None = None, linear_weights: str | Path | None = None, net: str = 'alex',
                 network: Mapping | nn.Module | None = None, batch_size: int = 8, prefix: str | None = None):
        network = network or dict(type='LPIPSNetwork', weights=weights, linear_weights=linear_weights, net=net)
        super().__init__(network, batch_size, prefix)

    def distances(self, fake: Tensor, truth: Tensor) -> Tensor:
        return self.network(fake, truth)
