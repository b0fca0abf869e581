"""Cross-entropy with class weights, for heads of mmseg."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nightgen.registry import LOSSES


@LOSSES.register_module()
class WeightedCrossEntropyLoss(nn.Module):
    """Mean cross-entropy over the labelled pixels, each counted with the weight of its class.

    mmseg 1.2.2's own loss fails on unlabelled pixels (255) as soon as it has class weights. This one has the interface
    of a ``loss_decode`` there: ``dict(type='nightgen.WeightedCrossEntropyLoss', class_weight=[...])``.

    Args:
        class_weight: One weight per class; None for equal ones.
        loss_weight: Factor of the whole.
        stride: Look at every n-th pixel of every n-th row only: neighbours say nearly the same, and at full size the
            loss can cost as much as a small network.
        loss_name: Under which mmseg logs it.

    Raises:
        ValueError: A stride below 1.
    """

    def __init__(self, class_weight: Sequence[float] | None = None, loss_weight: float = 1.0, stride: int = 1,
                 loss_name: str = 'loss_ce'):
        super().__init__()
        if stride < 1:
            raise ValueError(f'stride must be at least 1, got {stride}')
        self.stride = stride
        weight = None if class_weight is None else torch.tensor(class_weight, dtype=torch.float32)
        self.register_buffer('class_weight', weight, persistent=False)
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(self, logits: Tensor, label: Tensor, weight: Tensor | None = None, ignore_index: int = 255,
                **kwargs) -> Tensor:
        """Compute the loss.

        Args:
            logits: N,C,H,W.
            label: N,H,W, class numbers or ``ignore_index``.
            weight: N,H,W factors of single pixels, as a pixel sampler gives them.
            ignore_index: Label of pixels that do not count.

        Returns:
            A 0-d tensor; 0 where no pixel counts.
        """
        first, step = self.stride // 2, self.stride
        logits, label = logits[..., first::step, first::step], label[..., first::step, first::step]
        weight = None if weight is None else weight[..., first::step, first::step]
        loss = F.cross_entropy(logits.float(), label, self.class_weight, ignore_index=ignore_index, reduction='none')
        counted = (label != ignore_index).float()
        if self.class_weight is not None:
            counted = counted * self.class_weight[torch.where(label == ignore_index, 0, label)]
        if weight is not None:
            loss, counted = loss * weight, counted * weight
        return self.loss_weight * loss.sum() / counted.sum().clamp(min=1e-6)
