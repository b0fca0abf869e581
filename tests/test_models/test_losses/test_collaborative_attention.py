"""Adaptive collaborative attention against loops in float64, by hand, and its two forms against each other."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.cluster.vq import kmeans2

from nightgen.models.losses import AdaptiveCollaborativeAttentionLoss, adaptive_collaborative_attention
from nightgen.models.losses import collaborative_attention as module

GROUPS = ((6,), (11,), (13, 14), (17,))


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def k_means_by_loop(rows, centroids):
    """The algorithm of the spec; no cluster may run empty."""
    for _ in range(100):
        nearest = [int(np.argmax([unit(row) @ unit(centroid) for centroid in centroids])) for row in rows]
        moved = np.stack([np.mean([row for row, own in zip(rows, nearest, strict=True) if own == k], axis=0)
                          for k in range(len(centroids))])
        shift = sum(np.linalg.norm(a - b) for a, b in zip(moved, centroids, strict=True)) ** 2
        centroids = moved
        if shift < 1e-4:
            break
    return centroids


def by_loop(real, fake, real_label, fake_label, centroids, groups=GROUPS):
    """One image: features C,M and labels M at the features' size."""
    values = []
    for group in groups:
        real_at, fake_at = np.isin(real_label, group), np.isin(fake_label, group)
        if min(real_at.sum(), fake_at.sum()) <= len(centroids):
            continue
        rows = real.T[real_at]
        clusters = unit(k_means_by_loop(rows, centroids))
        wanted = unit(rows) @ clusters.T
        found = unit(fake.T) @ clusters.T
        found[~fake_at] = 0
        local = found.max(axis=1).sum() / fake_at.sum()
        values.append(max(0.9 * wanted.max(axis=1).mean() - local, 0)
                      + max(0.9 * wanted.max(axis=0).mean() - found.max(axis=0).mean(), 0))
    return np.mean(values) if values else 0.0


def case(seed, number=2, side=8):
    generator = torch.Generator().manual_seed(seed)
    real, fake = (torch.randn(number, 5, side, side, generator=generator, dtype=torch.float64) for _ in range(2))
    labels = [torch.tensor([0, 6, 11, 13, 14, 255])[torch.randint(0, 6, (number, side, side), generator=generator)]
              for _ in range(2)]
    labels[1][0][labels[1][0] == 6] = 0  # a group that one image lacks
    centroids = torch.randn(3, 5, generator=generator, dtype=torch.float64)
    return real, fake, *labels, centroids


@pytest.mark.parametrize('seed', [0, 1, 2, 4])
def test_against_loops(seed):
    real, fake, real_label, fake_label, centroids = case(seed)
    loss = AdaptiveCollaborativeAttentionLoss(num_clusters=3, groups=GROUPS)
    found = loss(real_features=real, fake_features=fake, real_label=real_label, fake_label=fake_label,
                 centroids=centroids)
    wanted = np.mean([by_loop(real[n].flatten(1).numpy(), fake[n].flatten(1).numpy(), real_label[n].flatten().numpy(),
                              fake_label[n].flatten().numpy(), centroids.numpy()) for n in range(2)])
    assert found.item() == pytest.approx(wanted, rel=1e-9) and wanted > 0.1


def test_labels_are_read_at_the_features_size():
    real, fake, real_label, fake_label, centroids = case(0)
    settings = dict(num_clusters=3, groups=GROUPS, centroids=centroids)
    large = [label.repeat_interleave(4, 1).repeat_interleave(4, 2) for label in (real_label, fake_label)]
    assert adaptive_collaborative_attention(real, fake, *large, **settings).equal(
        adaptive_collaborative_attention(real, fake, real_label, fake_label, **settings))


def test_equal_features_and_masks_cost_nothing():
    """The factor 0.9 leaves slack: the anchor of the spec."""
    real, _, label, *_ = case(1, side=16)
    assert adaptive_collaborative_attention(real, real.clone(), label, label) == 0


def test_by_hand():
    """Two clusters in the plane: persons along x and along y, translated to the diagonal."""
    real = torch.tensor([[1.0, 2, 0, 0, 5], [0, 0, 1, 3, 5]])[None, :, None]
    fake = torch.tensor([[1.0, 1, 1, 7, 0], [1, 1, 1, 0, 7]])[None, :, None]
    real_label, fake_label = torch.tensor([11, 11, 11, 11, 0])[None, None], torch.tensor([11, 11, 11, 0, 0])[None, None]
    found = adaptive_collaborative_attention(real, fake, real_label, fake_label, num_clusters=2,
                                             centroids=torch.tensor([[1.0, 0.1], [0.1, 1.0]]))
    # both real responses are 1; every translated person has a cosine of 1/sqrt 2 to both centroids
    assert found.item() == pytest.approx(2 * (0.9 - 0.5**0.5), rel=1e-5)


@pytest.mark.parametrize('elsewhere', [True, False])
def test_cells_of_other_classes_have_a_similarity_of_zero(elsewhere):
    """Persons that point away: locally -1; globally the best cell is another class's with 0, if there is one."""
    real = torch.tensor([[1.0, 1, 1], [0, 0, 0]])[None, :, None]
    label = torch.tensor([11, 11, 0 if elsewhere else 11])[None, None]
    found = adaptive_collaborative_attention(real, -real, torch.full((1, 1, 3), 11), label, num_clusters=1,
                                             centroids=torch.tensor([[1.0, 0]]))
    assert found.item() == pytest.approx((0.9 + 1) + (0.9 + (0 if elsewhere else 1)))


def test_both_forms_stop_at_the_same_round(monkeypatch):
    """Of short rows the first step is below the limit already, though clusters would go on moving."""
    torch.manual_seed(0)
    rows = torch.randn(60, 2, dtype=torch.float64) * 1e-3
    found = []
    for waits in (True, False):
        monkeypatch.setattr(module, '_may_wait', lambda x, waits=waits: waits)
        found.append(module.cosine_k_means(rows, torch.ones(60, dtype=torch.bool), rows[:3], torch.arange(60)))
    assert found[0].equal(found[1])
    nearest = (F.normalize(rows, dim=1) @ F.normalize(rows[:3], dim=1).T).argmax(dim=1)
    torch.testing.assert_close(found[0], torch.stack([rows[nearest == k].mean(dim=0) for k in range(3)]))


@pytest.mark.parametrize('cells', [4, 5])
def test_a_group_counts_from_five_cells_in_both(cells):
    torch.manual_seed(0)
    real, fake = torch.randn(2, 1, 6, 4, 4)
    many, few = torch.full((1, 4, 4), 11), torch.zeros(1, 4, 4, dtype=torch.long)
    few.flatten()[:cells] = 11
    for labels in ((many, few), (few, many)):
        assert (adaptive_collaborative_attention(real, fake, *labels) > 0) == (cells == 5)


@pytest.mark.parametrize('seed', range(3))
def test_the_form_that_never_waits_is_equal(seed, monkeypatch):
    """Also where clusters run empty, with the start drawn and with one given."""
    real, fake, real_label, fake_label, _ = case(seed, side=12)
    far = torch.cat([real[0, :, 0, :2].T, torch.full((1, 5), 1e3), torch.full((1, 5), 1e3)])
    results = {}
    for waits in (True, False):
        monkeypatch.setattr(module, '_may_wait', lambda x, waits=waits: waits)
        for name, start in dict(drawn=None, empty=far.double()).items():
            torch.manual_seed(7)
            x = fake.clone().requires_grad_()
            value = adaptive_collaborative_attention(real, x, real_label, fake_label, groups=GROUPS, centroids=start)
            results[waits, name] = value.detach(), torch.autograd.grad(value, x)[0]
    for name in ('drawn', 'empty'):
        for a, b in zip(results[True, name], results[False, name], strict=True):
            torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-8)
    assert results[True, 'drawn'][0] != results[True, 'empty'][0]


def test_without_any_group_it_is_zero_and_finite(monkeypatch):
    real, fake, *_ = case(0)
    label = torch.full((2, 8, 8), 255)
    for waits in (True, False):
        monkeypatch.setattr(module, '_may_wait', lambda x, waits=waits: waits)
        x = fake.clone().requires_grad_()
        value = adaptive_collaborative_attention(real, x, label, label)
        assert value == 0
        if value.requires_grad:
            value.backward()
            assert (x.grad == 0).all()


@pytest.mark.parametrize('waits', [True, False])
@pytest.mark.parametrize(('cells', 'counts'), [(0, False), (4, False), (5, True)])
def test_real_cells_without_features_do_not_count(cells, counts, waits, monkeypatch):
    """They have no direction; a group of nothing else was an error, one with fewer than clusters had fewer clusters."""
    monkeypatch.setattr(module, '_may_wait', lambda x: waits)
    real, label = torch.zeros(1, 3, 4, 4), torch.full((1, 4, 4), 6)
    real.flatten(2)[..., :cells] = torch.eye(3)[torch.arange(cells) % 3].T
    lost = adaptive_collaborative_attention(real, -torch.ones(1, 3, 4, 4), label, label)
    assert torch.isfinite(lost) and (lost > 0) == counts


def test_clusters_are_found():
    """Three bundles of directions, one start in each: centroids are their means."""
    torch.manual_seed(0)
    means = torch.eye(3, dtype=torch.float64) * 4
    rows = means.repeat_interleave(6, 0) + torch.randn(18, 3, dtype=torch.float64) * 0.2
    found = module.cosine_k_means(rows, torch.ones(18, dtype=torch.bool), rows[[2, 8, 14]], torch.arange(18))
    torch.testing.assert_close(found, rows.reshape(3, 6, 3).mean(dim=1))


@pytest.mark.parametrize('seed', range(4))
def test_clusters_are_those_of_scipys_k_means(seed):
    """Lloyd's rounds from the same start. scipy's are Euclidean, scikit-learn's too: of rows of length 1 in bundles
    that lie well apart both measures have the same nearest centroids."""
    torch.manual_seed(seed)
    means = torch.linalg.qr(torch.randn(12, 5, dtype=torch.float64)).Q.T
    rows = F.normalize(means.repeat_interleave(torch.tensor([30, 8, 21, 12, 40]), 0)
                       + 0.14 * torch.randn(111, 12, dtype=torch.float64), dim=1)
    start = rows[[3, 31, 40, 60, 100]] + 0.1 * torch.randn(5, 12, dtype=torch.float64)
    wanted, label = kmeans2(rows.numpy(), start.numpy(), iter=50, minit='matrix')
    assert sorted(np.bincount(label)) == [8, 12, 21, 30, 40]
    shuffled = torch.randperm(111)
    found = module.cosine_k_means(rows[shuffled], torch.ones(111, dtype=torch.bool), start, torch.arange(111))
    torch.testing.assert_close(found, torch.from_numpy(wanted), rtol=0, atol=1e-12)
    groups = torch.arange(111) < torch.tensor([[111], [30]])  # all rows, and the first bundle, at once
    both = module.cosine_k_means(rows, groups, torch.stack([start, rows[:5]]), torch.arange(111).expand(2, -1))
    alone = module.cosine_k_means(rows[:30], groups[1, :30], rows[:5], torch.arange(30))
    torch.testing.assert_close(both, torch.stack([found, alone]), rtol=0, atol=1e-12)


def test_the_start_is_of_different_rows_of_the_group():
    torch.manual_seed(0)
    real, label = torch.randn(1, 4, 3, 3), torch.tensor([[[11, 0, 11], [0, 11, 11], [11, 0, 0]]])
    seen = []
    original = module.cosine_k_means

    def spy(rows, inside, start, order):
        seen.append(start)
        return original(rows, inside, start, order)

    module.cosine_k_means = spy
    try:
        for _ in range(30):
            adaptive_collaborative_attention(real, real, label, label, num_clusters=3)
    finally:
        module.cosine_k_means = original
    rows = real.flatten(2)[0].T[label.flatten() == 11]
    chosen = [tuple(int((rows == one).all(dim=1).nonzero()) for one in start) for start in seen]
    assert all(len(set(one)) == 3 for one in chosen) and {place for one in chosen for place in one} == set(range(5))


def test_gradient_reaches_the_translation_alone():
    real, fake, real_label, fake_label, centroids = case(2, number=1, side=5)
    real.requires_grad_()
    settings = dict(num_clusters=2, groups=((11, 13, 14),), centroids=centroids[:2])
    assert torch.autograd.gradcheck(
        lambda x: adaptive_collaborative_attention(real, x, real_label, fake_label, **settings), fake.requires_grad_())
    adaptive_collaborative_attention(real, fake, real_label, fake_label, **settings).backward()
    assert real.grad is None and fake.grad.abs().sum() > 0


def test_bad_arguments():
    real, fake, real_label, fake_label, centroids = case(0)
    with pytest.raises(ValueError, match='differ in number or channels'):
        adaptive_collaborative_attention(real, fake[:, :2], real_label, fake_label)
    with pytest.raises(ValueError, match='labels must be N,H,W'):
        adaptive_collaborative_attention(real, fake, real_label[:1], fake_label)
    with pytest.raises(TypeError, match='class numbers'):
        adaptive_collaborative_attention(real, fake, F.one_hot(real_label).double(), fake_label)
    with pytest.raises(ValueError, match='centroids must be K,5'):
        adaptive_collaborative_attention(real, fake, real_label, fake_label, centroids=centroids[:, :2])
    with pytest.raises(ValueError, match='num_clusters is 1 or more'):
        AdaptiveCollaborativeAttentionLoss(num_clusters=0)
