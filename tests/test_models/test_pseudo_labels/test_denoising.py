"""Semantic denoising by hand, and against a loop over pixels in float64."""

import numpy as np
import pytest
import torch

from nightgen.models.pseudo_labels import DENOISING_RULES, SemanticDenoising, semantic_denoise

POLE, VEG, SKY, PERSON = 5, 8, 10, 11


def row(*runs):
    """A label 1,1,W and a grey image 1,3,1,W out of (class, values)."""
    label = [number for number, values in runs for _ in values]
    values = torch.tensor([value for _, part in runs for value in part], dtype=torch.float32)
    return torch.tensor(label)[None, None], values.expand(1, 3, 1, -1).clone()


def by_loop(label, image, order, confusers, halfway=()):
    """One image: label H,W, image C,H,W."""
    label, pixels = label.copy(), image.astype(np.float64).reshape(len(image), -1).T
    flat, halfway = label.reshape(-1), dict(halfway)
    original = flat.copy()
    means = {number: pixels[flat == number].mean(axis=0) for number in set(flat.tolist())}
    for number in order:
        if number not in means:
            continue
        own = means[number]
        if halfway.get(number) in means:
            own = (own + means[halfway[number]]) / 2
        kept = []
        for place in np.flatnonzero(original == number):
            distance = ((pixels[place] - own) ** 2).sum()
            if any(distance > ((pixels[place] - means[z]) ** 2).sum() for z in confusers[number] if z in means):
                flat[place] = 255
            else:
                kept.append(pixels[place])
        if kept:
            means[number] = np.mean(kept, axis=0)
    return label


def test_day_by_hand():
    """Vegetation 8 looks like sky (mean 8) and goes; sky 4 is then as far from vegetation (now 0) as from sky."""
    label, image = row((VEG, [0, 0, 8]), (SKY, [10, 10, 4]))
    found = SemanticDenoising('day')(label=label, image=image)
    assert found.tolist() == [[[VEG, VEG, 255, SKY, SKY, SKY]]]


def test_the_order_matters():
    """Sky first: its 4 is nearer to vegetation's mean with the 8 still in it (8/3)."""
    label, image = row((VEG, [0, 0, 8]), (SKY, [10, 10, 4]))
    confusers = {VEG: (SKY,), SKY: (VEG, POLE)}
    assert semantic_denoise(label, image, (VEG, SKY), confusers).tolist() == [[[VEG, VEG, 255, SKY, SKY, SKY]]]
    assert semantic_denoise(label, image, (SKY, VEG), confusers).tolist() == [[[VEG, VEG, 255, SKY, SKY, 255]]]
    assert SemanticDenoising('thermal')(label, image).tolist() == [[[VEG, VEG, 255, SKY, SKY, 255]]]


def test_the_strict_comparison():
    """Equal distances keep the label: pole 1 lies in the middle of its mean 0 and the sky's 2."""
    label, image = row((POLE, [-1, 1, 0]), (SKY, [2]))
    assert semantic_denoise(label, image, (POLE,), {POLE: (SKY,)}).equal(label)
    label, image = row((POLE, [-1, 1, 0]), (SKY, [1.9]))
    assert semantic_denoise(label, image, (POLE,), {POLE: (SKY,)}).tolist() == [[[POLE, 255, POLE, SKY]]]


def test_an_emptied_class_keeps_its_mean():
    """The sky's 0 goes to the pole, its 10 to vegetation; the pole's 4 is nearer to the old sky mean 5 than to 1."""
    label, image = row((SKY, [0, 10]), (POLE, [0, 0, 0, 4]), (VEG, [9]))
    found = SemanticDenoising('thermal_paper')(label, image)
    assert found.tolist() == [[[255, 255, POLE, POLE, POLE, 255, VEG]]]


def test_a_pole_on_thermal_is_compared_with_the_middle():
    """Mean 1.875; 7.5 is nearer to the sky's 10 than to that, but not than to 5.9375 between them."""
    label, image = row((POLE, [0, 0, 0, 7.5]), (SKY, [10, 10]))
    assert SemanticDenoising('thermal')(label, image).equal(label)
    assert SemanticDenoising('thermal_paper')(label, image)[0, 0].tolist() == [POLE] * 3 + [255] + [SKY] * 2
    alone, grey = row((POLE, [0, 0, 0, 7.5]))
    assert SemanticDenoising('thermal')(alone, grey).equal(alone)  # without a sky nothing is in the middle


def test_persons_against_vegetation():
    """Persons are warm: one as cold as the trees is none, and no longer in the mean that trees are compared with."""
    label, image = row((PERSON, [9, 9, 2]), (VEG, [1, 1, 6]))
    # persons: mean 6.67, vegetation 2.67, the 2 goes; vegetation: 6 is 11.1 from its mean and 9 from the persons' 9
    assert SemanticDenoising('thermal')(label, image).tolist() == [[[PERSON, PERSON, 255, VEG, VEG, 255]]]


def random_case(seed, classes=(0, POLE, VEG, SKY, PERSON, 255)):
    rng = np.random.default_rng(seed)
    label = rng.choice(classes, (3, 7, 9)).astype(np.int64)
    label[0][label[0] == SKY] = 0  # an image that lacks a class
    image = rng.random((3, 3, 7, 9)).astype(np.float32) * 2 - 1
    image[:, 0] += (label == SKY) * 0.5
    return label, image


@pytest.mark.parametrize('rules', ['day', 'thermal', 'thermal_paper'])
@pytest.mark.parametrize('seed', range(4))
def test_against_a_loop(rules, seed):
    label, image = random_case(seed)
    settings = {key: value for key, value in DENOISING_RULES[rules].items() if key != 'grey'}
    grey = 0.299 * image[:, :1] + 0.587 * image[:, 1:2] + 0.114 * image[:, 2:]
    colours = image if rules == 'day' else grey
    wanted = np.stack([by_loop(label[n], colours[n], **settings) for n in range(3)])
    found = SemanticDenoising(rules)(torch.from_numpy(label), torch.from_numpy(image))
    np.testing.assert_array_equal(found, wanted)
    assert (wanted != label).any()
    single = semantic_denoise(torch.from_numpy(label[1]), torch.from_numpy(colours[1]), **settings)
    np.testing.assert_array_equal(single, wanted[1])


def test_the_range_of_the_image_does_not_matter():
    label, image = (torch.from_numpy(array) for array in random_case(9))
    pixels = ((image.clamp(-1, 1) + 1) * 127.5).round()
    denoise = SemanticDenoising('day')
    assert denoise(label, pixels).equal(denoise(label, pixels.byte()))
    assert denoise(label, pixels).equal(denoise(label, pixels / 127.5 - 1))


def test_nothing_waits_for_the_device():
    """On the meta device whoever asks for a value fails."""
    label, image = (torch.from_numpy(array).to('meta') for array in random_case(0))
    for rules in DENOISING_RULES:
        assert SemanticDenoising(rules)(label, image).shape == label.shape


def test_dtype_and_input_are_kept():
    label, image = row((VEG, [0, 0, 8]), (SKY, [10, 10, 4]))
    before = label.clone()
    assert SemanticDenoising('day')(label.byte(), image).dtype == torch.uint8
    assert label.equal(before)
    graph = SemanticDenoising('day')(label, image.requires_grad_())
    assert not graph.requires_grad


def test_bad_arguments():
    label, image = row((VEG, [0.0]), (SKY, [1.0]))
    with pytest.raises(TypeError, match='class numbers'):
        semantic_denoise(label.float(), image, (8,), {8: (10,)})
    with pytest.raises(ValueError, match='at the size of the label'):
        semantic_denoise(label, image[..., :1], (8,), {8: (10,)})
    with pytest.raises(ValueError, match='confusers exactly these'):
        semantic_denoise(label, image, (8, 10), {8: (10,)})
    with pytest.raises(ValueError, match='each class once'):
        semantic_denoise(label, image, (8, 8), {8: (10,)})
    with pytest.raises(ValueError, match="no rules 'night'"):
        SemanticDenoising('night')
