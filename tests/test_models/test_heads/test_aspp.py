"""The head against its layers written out, with the enlargement that the reference has."""

import torch
import torch.nn.functional as F
from torch import nn

from nightgen.models.heads import ASPPHead


def test_written_out():
    torch.manual_seed(0)
    head = ASPPHead(in_channels=3, num_classes=5, base=4, dilations=(1, 2, 3)).eval()
    branches = nn.ModuleList([nn.Sequential(conv, nn.InstanceNorm2d(4), nn.PReLU()) for conv in (
        nn.Conv2d(3, 4, 1, bias=False), *(nn.Conv2d(3, 4, 3, padding=d, dilation=d, bias=False) for d in (1, 2, 3)))])
    pooled = nn.Sequential(nn.Conv2d(3, 4, 1, bias=False), nn.PReLU())
    last = nn.Sequential(nn.Conv2d(20, 16, 1, bias=False), nn.InstanceNorm2d(16), nn.PReLU(), nn.Conv2d(16, 5, 1))
    for theirs, ours in zip(nn.ModuleList([branches, pooled, last]).parameters(), head.parameters(), strict=True):
        theirs.data.copy_(ours)
    x = torch.randn(2, 3, 6, 8)
    context = F.interpolate(pooled(x.mean(dim=(2, 3), keepdim=True)), (6, 8), mode='bilinear', align_corners=True)
    expected = last(torch.cat([*(branch(x) for branch in branches), context], dim=1))
    torch.testing.assert_close(head(x), expected, rtol=1e-5, atol=1e-5)


def test_dropout_in_training_only():
    head, x = ASPPHead(in_channels=3, base=4), torch.randn(1, 3, 5, 5)
    assert not head(x).equal(head(x))
    head.eval()
    assert head(x).equal(head(x)) and not head.classify(head.project(x), dropout=True).equal(head(x))
