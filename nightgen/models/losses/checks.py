"""What losses ask of their tensors."""

from __future__ import annotations

from torch import Tensor


def require_images(image: Tensor, who: str, channels: int | None = None) -> None:
    """Raise ValueError unless ``image`` is N,C,H,W, with that many channels if a number is given."""
    if image.ndim != 4 or (channels is not None and image.shape[1] != channels):
        wanted = 'C' if channels is None else channels
        raise ValueError(f'{who}: expected images N,{wanted},H,W, got {tuple(image.shape)}')


def require_equal_shapes(who: str, **tensors: Tensor) -> None:
    """Raise ValueError unless all tensors have one shape; broadcasting would hide a mistake."""
    if len({tensor.shape for tensor in tensors.values()}) > 1:
        shapes = ', '.join(f'{name} {tuple(tensor.shape)}' for name, tensor in tensors.items())
        raise ValueError(f'{who}: {shapes} differ in shape')


def require_label(label: Tensor, image: Tensor, who: str) -> None:
    """Raise unless ``label`` holds integers N,H,W at the size of ``image`` N,C,H,W."""
    if label.is_floating_point() or label.is_complex():
        raise TypeError(f'{who}: label must hold class numbers, got {label.dtype}')
    if label.shape != (image.shape[0], *image.shape[2:]):
        raise ValueError(f'{who}: label must be N,H,W at the size of the image {tuple(image.shape)}, got '
                         f'{tuple(label.shape)}')
