"""The image pool: fills first, then exchanges one time in two, and survives a resume."""

import pytest
import torch

from nightgen.models.task_modules import ImagePool


def images(*values):
    return torch.stack([torch.full((1, 1, 1), float(value)) for value in values])


def test_it_hands_images_through_until_it_is_full():
    pool = ImagePool(3)
    assert torch.equal(pool(images(1, 2, 3)), images(1, 2, 3))
    assert [int(image) for image in pool.images] == [1, 2, 3]


def test_afterwards_half_of_the_images_are_older_ones_and_none_is_lost():
    torch.manual_seed(0)
    pool = ImagePool(10)
    shown = torch.cat([pool(images(*range(i, i + 10))) for i in range(0, 2010, 10)]).flatten().int().tolist()
    kept = [int(image) for image in pool.images]
    # the first ten are shown and stored, each later one is shown at once or stored
    assert sorted(shown[10:] + kept) == list(range(2010))
    newest = sum(value == index for index, value in enumerate(shown[10:], start=10))
    assert 900 < newest < 1100  # 2000 draws of one half: five standard deviations are 112


def test_zero_capacity_and_gradients():
    pool = ImagePool(0)
    image = images(1).requires_grad_()
    assert torch.equal(pool(image), image) and not pool(image).requires_grad
    with pytest.raises(ValueError, match='-1'):
        ImagePool(-1)


def test_resume_goes_on_with_the_same_images():
    torch.manual_seed(0)
    pool = ImagePool(4)
    pool(images(1, 2, 3, 4))
    twin = ImagePool(4)
    twin.load_run_state(pool.run_state())
    torch.manual_seed(1)
    shown = pool(images(5, 6, 7, 8))
    torch.manual_seed(1)
    assert torch.equal(twin(images(5, 6, 7, 8)), shown)
