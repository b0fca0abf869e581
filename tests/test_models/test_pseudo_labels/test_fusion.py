"""The fusion rules, every one by hand."""

import pytest
import torch

from nightgen.models.pseudo_labels import fuse_labels

# (first expert, second expert, result): specs/morngan 3.3
CASES = [
    (11, 11, 11), (12, 11, 11), (11, 0, 255), (12, 12, 255), (12, 255, 255), (11, 18, 255),  # persons and riders
    (13, 13, 13), (13, 14, 14), (13, 15, 255), (13, 255, 255), (13, 11, 255),  # cars
    (2, 2, 2), (2, 3, 255), (2, 255, 255),  # buildings
    (14, 13, 14), (15, 255, 15), (0, 11, 0), (8, 10, 8), (18, 0, 18), (255, 11, 255), (255, 2, 255), (10, 2, 10)]


@pytest.mark.parametrize('dtype', [torch.uint8, torch.int64])
def test_every_rule(dtype):
    semantic, panoptic, wanted = torch.tensor(CASES, dtype=dtype).T.reshape(3, 2, -1)
    before = semantic.clone()
    fused = fuse_labels(semantic, panoptic)
    assert fused.equal(wanted) and fused.dtype == dtype and semantic.equal(before)
    assert fuse_labels(semantic[None], panoptic[None])[0].equal(wanted)


def test_no_rider_is_left_and_other_rules_can_be_given():
    labels = torch.arange(19).repeat(19, 1)
    assert 12 not in fuse_labels(labels, labels.T)
    assert fuse_labels(labels, labels.T, {}).equal(labels)
    assert fuse_labels(torch.tensor([[5]]), torch.tensor([[6]]), {5: {6: 7}}).item() == 7


def test_bad_arguments():
    label = torch.zeros(2, 3, dtype=torch.int64)
    with pytest.raises(ValueError, match='differ in shape'):
        fuse_labels(label, label[:1])
    with pytest.raises(TypeError, match='class numbers'):
        fuse_labels(label, label.float())
