"""The pool of earlier translations that a discriminator is shown (Shrivastava et al., CVPR 2017, section 2.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nightgen.registry import TASK_UTILS


@TASK_UTILS.register_module()
class ImagePool(nn.Module):
    """Keep up to ``capacity`` images and hand back, one time in two, an older one in place of the new one.

    The images are not in the state dict: they differ from rank to rank. ``run_state`` carries them through a resume.

    Args:
        capacity (int): Number of images kept. 0 hands every image straight through.

    Raises:
        ValueError: If ``capacity`` is negative.
    """

    def __init__(self, capacity: int):
        super().__init__()
        if capacity < 0:
            raise ValueError(f'ImagePool: capacity must be 0 or more, got {capacity}')
        self.capacity = capacity
        self.images: list[Tensor] = []

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Store ``images`` (N,C,H,W) and return N images of the same shape, detached.

        Draws come from torch's global CPU generator, which a resume restores.
        """
        images = images.detach()
        if self.capacity == 0:
            return images
        return torch.stack([self._exchange(image) for image in images])

    def _exchange(self, image: Tensor) -> Tensor:
        if len(self.images) < self.capacity:
            self.images.append(image.clone())
            return image
        if torch.rand(()) < 0.5:
            return image
        slot = int(torch.randint(self.capacity, ()))
        older, self.images[slot] = self.images[slot], image.clone()
        return older.to(image.device, non_blocking=True)  # a resumed run has loaded it onto the CPU

    def run_state(self) -> dict:
        return {'images': [image.cpu() for image in self.images]}

    def load_run_state(self, state: dict) -> None:
        self.images = list(state['images'])

    def _apply(self, fn, recurse: bool = True):
        self.images = [fn(image) for image in self.images]
        return super()._apply(fn, recurse)
