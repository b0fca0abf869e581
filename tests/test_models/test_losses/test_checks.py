"""What losses ask of their tensors."""

import pytest
import torch

from nightgen.models.losses.checks import require_equal_shapes, require_images, require_label


def test_images_and_shapes():
    require_images(torch.zeros(1, 2, 3, 4), 'x')
    require_equal_shapes('x', a=torch.zeros(2, 3), b=torch.ones(2, 3))
    with pytest.raises(ValueError, match=r'x: expected images N,3,H,W, got \(1, 2, 3, 4\)'):
        require_images(torch.zeros(1, 2, 3, 4), 'x', channels=3)
    with pytest.raises(ValueError, match=r'x: a \(2, 3\), b \(1, 3\) differ in shape'):
        require_equal_shapes('x', a=torch.zeros(2, 3), b=torch.ones(1, 3))


def test_labels():
    image = torch.zeros(2, 3, 4, 5)
    require_label(torch.zeros(2, 4, 5, dtype=torch.uint8), image, 'x')
    with pytest.raises(ValueError, match='N,H,W'):
        require_label(torch.zeros(2, 5, 4, dtype=torch.long), image, 'x')
    with pytest.raises(TypeError, match='float32'):
        require_label(torch.zeros(2, 4, 5), image, 'x')
