"""What losses ask of their tensors."""

from __future__ import annotations

from collections.abc import Sequence

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


def equal_layers(who: str, **maps: Tensor | Sequence[Tensor]) -> list[list[Tensor]]:
    """Lists of feature maps (a tensor is one of one layer), checked to have the same shapes layer by layer.

    Raises:
        ValueError: No layer, other numbers of layers, or maps of a layer that differ in shape or are not N,C,h,w.
    """
    lists = {name: [value] if isinstance(value, Tensor) else list(value) for name, value in maps.items()}
    shapes = {name: [tuple(part.shape) for part in value] for name, value in lists.items()}
    first = next(iter(shapes.values()))
    if not first or any(other != first for other in shapes.values()) or any(len(shape) != 4 for shape in first):
        listing = ', '.join(f'{name} {value}' for name, value in shapes.items())
        raise ValueError(f'{who}: feature maps N,C,h,w of the same shapes are needed, at least one of each; got '
                         f'{listing}')
    return list(lists.values())


def require_similarities(threshold: float | Sequence[float], who: str) -> None:
    """Raise ValueError unless a threshold, or each of several, is a similarity that something can exceed."""
    several = [threshold] if isinstance(threshold, (int, float)) else list(threshold)
    if not several or any(not -1 <= value < 1 for value in several):
        raise ValueError(f'{who}: threshold is a similarity in [-1, 1), or one for each layer of features, got '
                         f'{threshold}')
