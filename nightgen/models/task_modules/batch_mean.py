"""The mean of a batch's images, as a tensor of a translator's config."""

from __future__ import annotations

from torch import Tensor, nn

from nightgen.registry import MODELS


@MODELS.register_module()
class BatchMean(nn.Module):
    """DiCo's reference for driving, made at every step: ``dict(type='BatchMean', name=..., reads=dict(images=...))``.

    The mean of the days of a batch stands in for the one of a scene (specs/dico 8). With batches of one it is that day.
    On several processes each takes the mean of its own batch.
    """

    def forward(self, images: Tensor) -> Tensor:
        """N,C,H,W to the same shape, each the mean of all."""
        return images.mean(dim=0, keepdim=True).expand_as(images)
