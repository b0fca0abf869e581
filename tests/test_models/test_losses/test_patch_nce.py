"""PatchNCE against its sums written out term by term."""

import math

import pytest
import torch
import torch.nn.functional as F

from nightgen.models.losses import PatchNCELoss, patch_nce
from nightgen.registry import LOSSES


def unit(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(*shape, generator=generator, dtype=torch.float64), dim=-1)


def by_loops(query, key, temperature, whole_batch):
    """-log of the share of the positive among the positive and the negatives, as the paper's eq. 3 has it."""
    terms = []
    images, patches, _ = query.shape
    for n in range(images):
        for p in range(patches):
            positive = math.exp(float(query[n, p] @ key[n, p]) / temperature)
            compared = range(images) if whole_batch else [n]
            others = [(m, q) for m in compared for q in range(patches) if (m, q) != (n, p)]
            negative = sum(math.exp(float(query[n, p] @ key[m, q]) / temperature) for m, q in others)
            terms.append(-math.log(positive / (positive + negative)))
    return sum(terms) / len(terms)


@pytest.mark.parametrize('temperature', [0.07, 1.0])
@pytest.mark.parametrize('negatives', ['image', 'batch'])
def test_against_loops(temperature, negatives):
    query, key = unit(3, 5, 8), unit(3, 5, 8, seed=1)
    value = LOSSES.build(dict(type='PatchNCELoss', temperature=temperature, negatives=negatives))(query=query, key=key)
    assert value.ndim == 0
    assert value.item() == pytest.approx(by_loops(query, key, temperature, negatives == 'batch'), abs=1e-12)


def test_negatives_of_the_batch_are_another_number():
    query, key = unit(3, 5, 8), unit(3, 5, 8, seed=1)
    assert patch_nce(query, key, negatives='batch') > patch_nce(query, key, negatives='image') + 0.1


def test_layers_are_averaged_whatever_their_sizes():
    layers = [(unit(2, 4, 6), unit(2, 4, 6, seed=1)), (unit(2, 9, 3, seed=2), unit(2, 9, 3, seed=3))]
    want = sum(by_loops(q, k, 0.07, False) for q, k in layers) / 2
    assert PatchNCELoss()(*map(list, zip(*layers, strict=True))).item() == pytest.approx(want, abs=1e-12)


def test_closed_forms():
    eye = torch.eye(4, dtype=torch.float64)[None]
    assert patch_nce(eye, eye).item() == pytest.approx(math.log(1 + 3 * math.exp(-1 / 0.07)), rel=1e-9)
    same = torch.ones(2, 6, 3, dtype=torch.float64)
    assert patch_nce(same, same).item() == pytest.approx(math.log(6), abs=1e-12)
    assert patch_nce(unit(2, 1, 3), unit(2, 1, 3, seed=1)).item() == 0  # no negative


def test_gradients():
    query = unit(2, 3, 4).requires_grad_()
    key = unit(2, 3, 4, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(lambda q: patch_nce(q, key.detach()), (query,))
    assert torch.autograd.gradcheck(lambda q: patch_nce([q, q.flip(1)], [key.detach()] * 2, 0.2, 'batch'), (query,))
    patch_nce(query, key).backward()
    assert key.grad is None and query.grad.any()


def test_half_precision_is_computed_in_full(monkeypatch):
    query, key = unit(1, 6, 8).bfloat16(), unit(1, 6, 8, seed=1).bfloat16()
    want = patch_nce(query.double(), key.double())
    with torch.autocast('cpu', dtype=torch.bfloat16):
        value = patch_nce(query, key)
    assert value.dtype == torch.float32 and value.item() == pytest.approx(want.item(), rel=1e-5)


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r'shape N,P,C, got \(2, 3, 4\) and \(2, 5, 4\)'):
        patch_nce(unit(2, 3, 4), unit(2, 5, 4))
    with pytest.raises(ValueError, match='got 2 and 1'):
        patch_nce([unit(1, 2, 3)] * 2, [unit(1, 2, 3)])
    with pytest.raises(ValueError, match='got 0 and 0'):
        patch_nce([], [])
    for arguments in (dict(negatives='all'), dict(temperature=0)):
        with pytest.raises(ValueError, match=next(iter(arguments))):
            PatchNCELoss(**arguments)
    with pytest.raises(ValueError, match='negatives'):
        patch_nce(unit(1, 2, 3), unit(1, 2, 3), negatives='all')


def test_generated_negatives_take_the_place_of_other_keys():
    """NEGCUT: the positive of a place against the negatives of its image alone."""
    generator = torch.Generator().manual_seed(0)
    query, key, negative = (torch.randn(2, number, 5, generator=generator, dtype=torch.float64) for number in (4, 4, 7))
    expected = 0.0
    for n in range(2):
        for p in range(4):
            similar = [float(query[n, p] @ key[n, p])] + [float(query[n, p] @ other) for other in negative[n]]
            expected += -math.log(math.exp(similar[0] / 0.5) / sum(math.exp(value / 0.5) for value in similar)) / 8
    found = PatchNCELoss(temperature=0.5)(query=query, key=key, negative=negative)
    assert found.item() == pytest.approx(expected)
    assert torch.autograd.gradcheck(lambda q, n: patch_nce([q], [key], 0.5, negative=[n]),
                                    (query.requires_grad_(), negative.requires_grad_()))
    with pytest.raises(ValueError, match='same number of layers, got 1 and 1, and 2 of negatives'):
        patch_nce([query], [key], negative=[negative, negative])
