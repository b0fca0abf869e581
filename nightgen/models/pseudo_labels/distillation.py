"""Labels that segmentation networks give each other while they train: own, agreed, and completed ones."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nightgen.functional import at_least_single
from nightgen.registry import MODELS
from nightgen.structures.class_maps import UNLABELLED

from .checks import require_label_map, require_same_size
from .denoising import SemanticDenoising

BACKGROUND = (0, 1, 3, 4, 5, 8, 9, 10)
"""The classes with the higher threshold (specs: morngan 3.1): all without a shape of their own, but buildings."""
CONFIDENCES = ('both', 'own')


def confident_label(logits: Tensor, threshold: float = 0.95) -> Tensor:
    """The likeliest class where its probability reaches a threshold, else 255.

    Args:
        logits: N,C,H,W.
        threshold: In [0, 1].

    Returns:
        N,H,W int64, without a graph.

    Raises:
        ValueError: Another shape.
    """
    require_same_size('confident_label', logits=logits)
    probability, label = _likeliest(logits)
    return torch.where(probability >= threshold, label, UNLABELLED)


def complete_label(label: Tensor, logits: Tensor, threshold: float = 0.95) -> Tensor:
    """A label map whose unlabelled pixels take :func:`confident_label` (specs: morngan 3.3, M_A').

    Args:
        label: N,H,W integers.
        logits: N,C,H,W of the same size.
        threshold: Of the probability.

    Returns:
        N,H,W int64.

    Raises:
        ValueError: Shapes that do not fit.
        TypeError: A label that is not of integers.
    """
    require_label_map(label, 'complete_label')
    if label.shape != (len(logits), *logits.shape[2:]):
        raise ValueError(f'complete_label: the label must be N,H,W at the size of the logits {tuple(logits.shape)}, '
                         f'got {tuple(label.shape)}')
    return torch.where(label == UNLABELLED, confident_label(logits, threshold), label.long())


def distil_label(logits: Tensor, image: Tensor, other: Tensor | None = None, denoise: SemanticDenoising | None = None,
                 threshold: float = 0.95, background_threshold: float = 0.99, background: Sequence[int] = BACKGROUND,
                 confidence: str = 'both', denoise_first: bool = True) -> Tensor:
    """Online semantic distillation (specs: morngan 3.4): labels of which two networks are sure.

    A pixel is labelled where both networks hold the same class for likeliest and are sure of it; ``background`` classes
    have a threshold of their own. Semantic denoising comes between the two thresholds: means over more pixels.

    Args:
        logits: N,C,H,W of the network of the image's own domain.
        image: N,3,H,W, the image.
        other: N,C,H,W of the other domain's network on the translated image; None for labels of the own one alone.
        denoise: What denoises; None for nothing.
        threshold: Probability from which a network is sure.
        background_threshold: The same for the background classes; no smaller.
        background: These classes.
        confidence: Whose probability must reach the thresholds: ``both`` (the paper) or ``own`` (the released code,
            which has the other one's and does not use it). The likeliest classes agree either way.
        denoise_first: True: ``threshold``, denoising, ``background_threshold`` (the released code). False: both
            thresholds, then denoising (the paper).

    Returns:
        N,H,W int64, 255 where unlabelled, without a graph.

    Raises:
        ValueError: Shapes that do not fit, thresholds out of order or an unknown confidence.
    """
    if confidence not in CONFIDENCES or not 0 <= threshold <= background_threshold <= 1:
        raise ValueError(f'distil_label: confidence is one of {CONFIDENCES} and 0 <= threshold <= background_threshold '
                         f'<= 1, got {confidence!r}, {threshold} and {background_threshold}')
    tensors = dict(logits=logits, image=image) if other is None else dict(logits=logits, image=image, other=other)
    require_same_size('distil_label', **tensors)
    probability, label = _likeliest(logits)
    if other is not None:
        second, found = _likeliest(other)
        label = torch.where(label == found, label, UNLABELLED)
        probability = torch.minimum(probability, second) if confidence == 'both' else probability
    label = torch.where(probability >= threshold, label, UNLABELLED)
    unsure = probability < background_threshold
    if denoise is None or not denoise_first:
        label = _without(label, background, unsure)
    if denoise is not None:
        label = _without(denoise(label, image), background, unsure) if denoise_first else denoise(label, image)
    return label


def _likeliest(logits: Tensor) -> tuple[Tensor, Tensor]:
    probability, label = at_least_single(logits.detach()).softmax(dim=1).max(dim=1)
    return probability, label


def _without(label: Tensor, classes: Sequence[int], where: Tensor) -> Tensor:
    """Unlabelled at the pixels of some classes that ``where`` is true for."""
    return torch.where(class_mask(label, classes) & where, UNLABELLED, label)


def class_mask(label: Tensor, classes: Sequence[int]) -> Tensor:
    """True where the label is one of some classes; any shape."""
    mask = torch.zeros_like(label, dtype=torch.bool)
    for number in classes:
        mask |= label == number
    return mask


@MODELS.register_module()
class ConfidentLabel(nn.Module):
    """:func:`confident_label` as a tensor of a config: reads ``logits``."""

    def __init__(self, threshold: float = 0.95):
        super().__init__()
        self.threshold = threshold

    def forward(self, logits: Tensor) -> Tensor:
        return confident_label(logits, self.threshold)


@MODELS.register_module()
class CompletedLabel(nn.Module):
    """:func:`complete_label` as a tensor of a config: reads ``label`` and ``logits``."""

    def __init__(self, threshold: float = 0.95):
        super().__init__()
        self.threshold = threshold

    def forward(self, label: Tensor, logits: Tensor) -> Tensor:
        return complete_label(label, logits, self.threshold)


@MODELS.register_module()
class DistilledLabel(nn.Module):
    """:func:`distil_label` as a tensor of a config: reads ``logits``, ``image`` and, for agreed labels, ``other``.

    MornGAN has two of them (specs: morngan Q2, Q3): agreed labels while both networks train, and, once they are frozen,
    own labels with ``background_threshold=0.95``.

    Args:
        rules: Of the denoising, see :class:`SemanticDenoising`; None for none (DlamGAN).
        threshold, background_threshold, background, confidence, denoise_first: See :func:`distil_label`.

    Example:
        >>> tensors = [
        ...     dict(type='DistilledLabel', name='agreed_label_thermal',
        ...          reads=dict(logits='logits_thermal', other='logits_fake_day', image='real_thermal')),
        ...     dict(type='DistilledLabel', name='own_label_thermal', background_threshold=0.95,
        ...          reads=dict(logits='logits_thermal', image='real_thermal')),
        ...     dict(type='CompletedLabel', name='completed_label_day',
        ...          reads=dict(label='label_day', logits='logits_day'))]
    """

    def __init__(self, rules: str | dict | None = 'thermal', threshold: float = 0.95,
                 background_threshold: float = 0.99, background: Sequence[int] = BACKGROUND, confidence: str = 'both',
                 denoise_first: bool = True):
        super().__init__()
        self.denoise = None if rules is None else SemanticDenoising(rules)
        self.settings = dict(threshold=threshold, background_threshold=background_threshold,
                             background=tuple(background), confidence=confidence, denoise_first=denoise_first)
        distil_label(torch.zeros(1, 1, 1, 1), torch.zeros(1, 3, 1, 1), **self.settings)  # refuses wrong ones now

    def forward(self, logits: Tensor, image: Tensor, other: Tensor | None = None) -> Tensor:
        return distil_label(logits, image, other, self.denoise, **self.settings)


@MODELS.register_module()
class ClassMask(nn.Module):
    """Where a ``label`` is one of some classes, as a tensor of a config: N,H,W integers to N,H,W of true and false.

    The default is the region of conditional gradient repair: everything below person and what is unlabelled
    (specs: morngan 2.9, Q7); the paper's "background" is ``(0, 1, 3, 4, 5, 8, 9, 10)``.
    """

    def __init__(self, classes: Sequence[int] = (*range(11), UNLABELLED)):
        super().__init__()
        self.classes = tuple(classes)

    def forward(self, label: Tensor) -> Tensor:
        return class_mask(label, self.classes)
