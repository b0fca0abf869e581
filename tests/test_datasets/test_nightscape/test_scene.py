# Tests of nightgen/datasets/nightscape/scene.py: what one rendered scene promises.
import numpy as np
import pytest

from nightgen.datasets.nightscape import CATEGORIES, render_scene

SIZE = (192, 96)
CLASSES = dict(person=11, rider=12, car=13, truck=14, bus=15, motorcycle=17, bicycle=18)
CLASSES |= {'traffic light': 6, 'traffic sign': 7}


@pytest.fixture(scope='module')
def scenes():
    return [render_scene(seed, SIZE) for seed in range(8)]


def same(a, b):
    pictures = ('day', 'night', 'thermal', 'label', 'instance')
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in pictures) and a.boxes == b.boxes


def test_shapes_and_types(scenes):
    for scene in scenes:
        assert scene.day.shape == scene.night.shape == (96, 192, 3)
        assert scene.thermal.shape == scene.label.shape == scene.instance.shape == (96, 192)
        assert scene.day.dtype == scene.night.dtype == scene.thermal.dtype == scene.label.dtype == np.uint8
        assert set(np.unique(scene.label)) <= set(range(19)) | {255}


def test_the_same_seed_gives_the_same_scene_and_another_seed_another(scenes):
    assert same(render_scene(3, SIZE), scenes[3])
    assert not np.array_equal(scenes[3].label, scenes[4].label)


def test_a_rendering_does_not_depend_on_which_others_are_wanted(scenes):
    for name in ('day', 'night', 'thermal'):
        alone = render_scene(2, SIZE, renderings=(name,))
        assert np.array_equal(getattr(alone, name), getattr(scenes[2], name))
        assert [getattr(alone, other) is None for other in ('day', 'night', 'thermal') if other != name] == [True, True]


def test_boxes_fit_the_objects_exactly(scenes):
    seen = 0
    for scene in scenes:
        for box in scene.boxes:
            mask = scene.instance == box['instance']
            rows, columns = np.nonzero(mask)
            x, y, w, h = box['bbox']
            assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (x, y, x + w, y + h)
            assert box['area'] == mask.sum()
            assert set(np.unique(scene.label[mask])) == {CLASSES[box['category']]}
            assert 0 < box['visible'] <= 1 and box['distance'] > 0 and box['light'] >= 0
            seen += 1
        drawn = set(np.unique(scene.instance)) - {0}
        assert {box['instance'] for box in scene.boxes} == drawn
    assert seen > 40


def test_every_category_and_main_class_occurs():
    found, labels = set(), set()
    for seed in range(40):
        scene = render_scene(seed, SIZE, renderings=('label',))
        found |= {box['category'] for box in scene.boxes}
        labels |= set(np.unique(scene.label).tolist())
    assert found == set(CATEGORIES)
    assert labels >= set(range(16)) | {17, 18, 255}


def test_day_is_bright_and_night_is_dark(scenes):
    day = np.array([scene.day.mean() / 255 for scene in scenes])
    night = np.array([scene.night.mean() / 255 for scene in scenes])
    assert ((day > 0.24) & (day < 0.54)).all()  # the exposure aims at 0.28 to 0.5
    assert ((night > 0.03) & (night < 0.33)).all()  # and at 0.13 to 0.3, as real frames have it


def test_people_are_warmer_than_what_is_around_them():
    contrasts = []
    for seed in range(12):
        scene = render_scene(seed, (384, 192), renderings=('thermal',))
        for box in scene.boxes:
            if box['category'] == 'person' and box['area'] > 60:
                x, y, w, h = box['bbox']
                part = np.s_[max(y - 3, 0) : y + h + 3, max(x - 3, 0) : x + w + 3]
                around = scene.thermal[part][scene.label[part] <= 10]
                if around.size > 10:
                    contrasts.append(scene.thermal[scene.instance == box['instance']].mean() - around.mean())
    assert len(contrasts) > 8
    assert np.mean(np.array(contrasts) > 0) > 0.95 and np.mean(contrasts) > 8


def test_the_sky_is_cold(scenes):
    cold = [
        scene.thermal[scene.label == 10].mean() < scene.thermal[scene.label == 0].mean() - 10
        for scene in scenes
        if (scene.label == 10).sum() > 200
    ]
    assert cold and all(cold)


def test_a_surveillance_background_stands_still():
    bare = render_scene(5, SIZE, 'surveillance', moving=False)
    frames = [render_scene(5, SIZE, 'surveillance', frame=k) for k in (1, 2)]
    assert not np.array_equal(frames[0].label, frames[1].label)
    for scene in frames:
        still = scene.label == bare.label
        assert still.mean() > 0.5
        nothing = np.isin(scene.label, (2, 10)) & still  # no shadow or headlight of what moves falls there
        assert np.abs(scene.day.astype(int) - bare.day)[nothing].mean() < 4
        assert (scene.label == bare.label)[bare.label == 10].mean() > 0.9
    other = render_scene(6, SIZE, 'surveillance', moving=False)
    assert not np.array_equal(other.label, bare.label)


def test_surveillance_looks_down_and_driving_looks_ahead(scenes):
    sky = [(render_scene(seed, SIZE, 'surveillance', ('label',), moving=False).label == 10).mean() for seed in range(8)]
    assert np.mean(sky) < np.mean([(scene.label == 10).mean() for scene in scenes])


def test_the_content_of_a_domain_changes_the_places_and_the_traffic():
    def count(content):
        scenes = [render_scene(seed, (64, 32), renderings=('label',), content=content) for seed in range(40)]
        return sum(len(scene.boxes) for scene in scenes)

    day, night = count('day'), count('night')
    assert night < 0.85 * day  # fewer people and cars
    first, second = (render_scene(3, SIZE, renderings=('label',), content=name).label for name in ('day', 'night'))
    assert not np.array_equal(first, second)


def test_a_fixed_camera_stands_at_the_same_place_whatever_moves():
    bare = [render_scene(5, SIZE, 'surveillance', moving=False, content=name) for name in ('any', 'day', 'night')]
    assert same(bare[0], bare[1]) and same(bare[0], bare[2])


def test_thermal_cameras():
    """A fixed gain is flat; gain control spreads the grey values and stands a little beside the label map."""
    for seed in range(4):
        flat, spread = (
            np.percentile(render_scene(seed, SIZE, renderings=('thermal',), thermal=kind).thermal, (5, 95))
            for kind in ('fixed_gain', 'gain_controlled')
        )
        assert flat[1] - flat[0] < 90 < 140 < spread[1] - spread[0]


@pytest.mark.parametrize('size', [(64, 32), (129, 67), (160, 120), (320, 90)])
def test_other_sizes(size):
    scene = render_scene(1, size)
    assert scene.day.shape == (size[1], size[0], 3)
    assert same(scene, render_scene(1, size))
    for seed in range(4):
        assert render_scene(seed, size, 'surveillance', ('label',), frame=2).label.shape == (size[1], size[0])


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(view='aerial'), 'view must be one of'),
        (dict(size=(10, 10)), 'at least 32'),
        (dict(content='dusk'), 'content must be one of'),
        (dict(thermal='hot'), 'thermal must be one of'),
        (dict(seed=-1), 'not be negative'),
        (dict(renderings=('day', 'radar')), 'radar'),
        (dict(frame=-2), 'not be negative'),
    ],
)
def test_bad_arguments(change, message):
    with pytest.raises(ValueError, match=message):
        render_scene(**{'seed': 0, 'size': SIZE, **change})
