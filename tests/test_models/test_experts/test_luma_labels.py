"""Label maps of lumas: grey goes to the expert, its classes are found by name, it is built when needed."""

import pytest
import torch
from torch import Tensor, nn

from nightgen.models.experts import LumaLabels
from nightgen.registry import MODELS
from nightgen.structures.label_sets import load_label_set


@MODELS.register_module(force=True)
class BrightnessExpert(nn.Module):
    """Two classes by brightness, and unlabelled at the very top; counts how often it is built."""

    built = 0

    def __init__(self, classes: tuple[str, ...]):
        super().__init__()
        self.classes = classes
        BrightnessExpert.built += 1

    def forward(self, images: Tensor) -> Tensor:
        assert images.shape[1] == 3 and images[:, 0].equal(images[:, 2]) and images.abs().max() <= 1
        brightness = images[:, 0]
        return torch.where(brightness > 0.9, 255, (brightness > 0).long())


def test_numbers_are_those_of_the_label_set():
    BrightnessExpert.built = 0
    labels = LumaLabels(dict(type='BrightnessExpert', classes=('table', 'sky')), load_label_set('pascal_context'))
    assert BrightnessExpert.built == 0 and not labels.state_dict()
    luma = torch.tensor([-0.9, 0.5, 1.0]).view(1, 1, 1, 3)
    # L 75 is brighter than half in sRGB; table is an alias of diningtable, number 11
    assert labels(luma).tolist() == [[[11, 50, 255]]]
    labels(luma)
    assert BrightnessExpert.built == 1 and not labels.state_dict()


def test_a_class_that_the_set_lacks_is_named():
    labels = LumaLabels(BrightnessExpert(('zebra', 'sky')), load_label_set('pascal_context'))
    with pytest.raises(KeyError, match="'pascal_context' has no zebra"):
        labels.build()
