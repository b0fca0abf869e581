"""What is refused, and what passes."""

import pytest
import torch

from nightgen.models.pseudo_labels.checks import require_label_map, require_same_size


def test_label_maps():
    for good in (torch.zeros(2, 3, dtype=torch.uint8), torch.zeros(1, 2, 3, dtype=torch.int64)):
        require_label_map(good, 'somebody')
    for wrong in (torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.complex64)):
        with pytest.raises(TypeError, match='somebody: label must hold class numbers'):
            require_label_map(wrong, 'somebody')
    for shape in ((3,), (1, 1, 2, 3)):
        with pytest.raises(ValueError, match='somebody: label must be N,H,W or H,W'):
            require_label_map(torch.zeros(shape, dtype=torch.int64), 'somebody')


def test_sizes():
    image = torch.zeros(2, 3, 4, 5)
    require_same_size('somebody', image=image, logits=torch.zeros(2, 19, 4, 5))
    for shape in ((1, 3, 4, 5), (2, 3, 5, 4)):
        with pytest.raises(ValueError, match='somebody: image .* logits .* differ in number or size'):
            require_same_size('somebody', image=image, logits=torch.zeros(shape))
    with pytest.raises(ValueError, match='N,C,H,W'):
        require_same_size('somebody', image=image[0])
