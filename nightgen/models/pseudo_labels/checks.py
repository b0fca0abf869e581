"""What the functions of pseudo-labels ask of their tensors."""

from __future__ import annotations

from torch import Tensor

from nightgen.models.losses.checks import require_images


def require_label_map(label: Tensor, who: str) -> None:
    """Raise TypeError unless ``label`` holds integers, ValueError unless it is N,H,W or H,W."""
    if label.is_floating_point() or label.is_complex():
        raise TypeError(f'{who}: label must hold class numbers, got {label.dtype}')
    if label.ndim not in (2, 3):
        raise ValueError(f'{who}: label must be N,H,W or H,W, got {tuple(label.shape)}')


def require_same_size(who: str, **tensors: Tensor) -> None:
    """Raise ValueError unless all images or logits N,C,H,W have one N, H and W."""
    for tensor in tensors.values():
        require_images(tensor, who)
    if len({(len(tensor), *tensor.shape[2:]) for tensor in tensors.values()}) > 1:
        shapes = ', '.join(f'{name} {tuple(tensor.shape)}' for name, tensor in tensors.items())
        raise ValueError(f'{who}: {shapes} differ in number or size; resize the one to the other first')
