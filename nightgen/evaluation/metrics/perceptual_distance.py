"""Distance of VGG features, as a colorization paper reports it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from nightgen.registry import METRICS

from .pair_network import PairNetworkMetric

LAYERS = ('relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1')


@METRICS.register_module()
class PerceptualDistance(PairNetworkMetric):
    """Mean absolute difference of VGG19 features of ``fake`` and ``truth``, lower is better.

    Key: ``PerceptualDistance``; of another network ``PerceptualDistance_<its name>``, which is another number.

    As in specs/cgan_colorization 9: per layer the mean over channels and positions, then the mean of the five layers,
    then over pictures. The published scale (about 57 to 64) comes with ``preprocess='caffe'`` and weights converted
    from Caffe or Keras; with torchvision's weights it is ``'torch'``, and the numbers are others. The choice is in
    ``details``.

    Args:
        weights: Weight file of VGG19 (see ``VGGFeatures``); it is never replaced.
        preprocess: ``caffe`` or ``torch``.
        size: (height, width) to which both pictures are resized.
        sha256: Of the file, or its beginning.
        network: Config of another network with ``maps`` and ``identity`` (``EfficientNetFeatures``), in place of all of
            these.
        batch_size, prefix: See :class:`PairNetworkMetric`.

    Raises:
        ValueError: No weight file; a sample without truth.
    """

    key = 'PerceptualDistance'

    def __init__(self, weights: str | Path | None = None, preprocess: str = 'caffe', size: tuple[int, int] = (224, 224),
                 sha256: str | None = None, network: Mapping | nn.Module | None = None, batch_size: int = 8,
                 prefix: str | None = None):
        network = network or dict(type='VGGFeatures', depth=19, layers=LAYERS, weights=weights, preprocess=preprocess,
                                  size=size, sha256=sha256)
        super().__init__(network, batch_size, prefix)
        name = self.network.identity['name']
        self.key = 'PerceptualDistance' if name == 'vgg19' else f'PerceptualDistance_{name}'

    def distances(self, fake: Tensor, truth: Tensor) -> Tensor:
        layers = [(one - other).abs().mean(dim=(1, 2, 3))
                  for one, other in zip(self.network.maps(fake), self.network.maps(truth), strict=True)]
        return torch.stack(layers).mean(dim=0)
