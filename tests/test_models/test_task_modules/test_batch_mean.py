"""The mean of a batch."""

import torch

from nightgen.models.task_modules import BatchMean


def test_each_is_the_mean_of_all():
    days = torch.tensor([[0.0, 1.0], [1.0, -1.0], [0.5, 0.6]]).view(3, 1, 1, 2)
    torch.testing.assert_close(BatchMean()(images=days), torch.tensor([0.5, 0.2]).expand(3, 1, 1, 2))
    assert BatchMean()(images=days[:1]).equal(days[:1])
