"""The shipped models: what is listed exists, and a config is found by every name that a user may have."""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.infer import BaseInferencer

import nightgen
from nightgen.apis import ColorizationInferencer, NightgenInferencer, config_path, list_models
from nightgen.datasets.nightscape import render_scene
from nightgen.functional import rgb_to_lab
from nightgen.utils.shipped import find_model, shipped_root, weights_path


def test_every_listed_model_has_its_config_and_a_name_of_its_own():
    models = list_models()
    assert models and all(model.config.is_file() for model in models)
    assert len({model.name for model in models}) == len(models)


def test_every_method_config_is_listed(configs_dir: Path):
    """All but those of experts, which are models of other packages."""
    listed = {model.config.resolve() for model in list_models()}
    present = {path.resolve() for path in configs_dir.glob('[!_]*/*.py') if path.parent.name != 'experts'}
    assert present == listed


def test_list_models_takes_a_pattern():
    assert [model.name for model in list_models('^n2d.*bdd100k$')] == ['n2d_lpnet_bdd100k']
    assert list_models('no_such_model') == []


@pytest.mark.parametrize('name', ['nightgen::n2d_lpnet/bdd100k.py', 'n2d_lpnet_bdd100k'])
def test_a_shipped_config_is_found_by_name(name: str):
    assert config_path(name) == shipped_root() / 'configs/n2d_lpnet/bdd100k.py'
    assert find_model(name).name == 'n2d_lpnet_bdd100k'


def test_a_path_is_a_config(tmp_path: Path):
    path = tmp_path / 'own.py'
    path.write_text('a = 1')
    assert config_path(path) == config_path(str(path)) == path
    assert find_model(str(path)) is None


def test_an_unknown_name_is_told_the_names_like_it():
    with pytest.raises(FileNotFoundError, match=r'did you mean n2d_lpnet_bdd100k.*`nightgen models`'):
        config_path('n2d_lpnet_bdd10k')
    with pytest.raises(FileNotFoundError, match='some/where.py does not exist: it is no file and no shipped model;'):
        config_path('some/where.py')


def test_mmengine_lists_the_same_models():
    assert nightgen.__name__ in MODULE2PACKAGE
    assert BaseInferencer.list_models('nightgen') == [model.name for model in list_models()]


def test_another_package_can_build_on_a_shipped_config(tmp_path: Path):
    if not (Path(nightgen.__file__).parent / '.mim').exists():
        pytest.skip('nightgen is not installed (pip install -e .), so mmengine cannot find its configs')
    path = tmp_path / 'own.py'
    path.write_text("_base_ = 'nightgen::n2d_lpnet/bdd100k.py'\nmodel = dict(domains=('dusk', 'day'))\n")
    own, base = Config.fromfile(path), Config.fromfile(config_path('n2d_lpnet_bdd100k'))
    assert own.model.generator == base.model.generator and own.model.domains == ('dusk', 'day')


def test_shipped_weights_are_there_small_and_say_their_terms():
    shipped = [model for model in list_models() if model.weights]
    assert {model.name for model in shipped} == {
        'n2d_lpnet_night2day', 'morngan_thermal2day', 'cgan_colorization_photos'}
    for model in shipped:
        assert Path(model.weights).is_file() and model.size == Path(model.weights).stat().st_size < 8 * 2**20
        assert model.terms and model.scores and all(isinstance(value, float) for value in model.scores.values())
    assert list_models('n2d_lpnet_bdd100k$')[0].size is None


def test_weights_are_those_given_or_shipped(tmp_path: Path, configs_dir: Path):
    shipped = find_model('n2d_lpnet_night2day').weights
    assert weights_path('n2d_lpnet_night2day') == weights_path('nightgen::n2d_lpnet/night2day.py') == shipped
    assert weights_path(str(configs_dir / 'n2d_lpnet/night2day.py')) == shipped
    assert weights_path('n2d_lpnet_night2day', 'own.pth') == weights_path('any.py', 'own.pth') == 'own.pth'
    own = tmp_path / 'own.py'
    own.write_text('model = dict()\n')
    for name in ('n2d_lpnet_bdd100k', str(own)):
        with pytest.raises(FileNotFoundError, match=f'{name} comes without weights: .*n2d_lpnet_night2day'):
            weights_path(name)
    with pytest.raises(FileNotFoundError, match='nigt2day does not exist: .*did you mean n2d_lpnet_night2day'):
        weights_path('n2d_lpnet_nigt2day')


def test_shipped_weights_fit_their_model_and_turn_a_night_picture_lighter():
    """In the state of an installation without what training needs: no discriminator is built."""
    inferencer = NightgenInferencer('n2d_lpnet_night2day')
    assert not inferencer.model.discriminators and not inferencer.model.losses
    night = render_scene(3, (256, 144), renderings=('night',)).night
    day, = inferencer(night)['predictions']
    assert day.shape == night.shape and day.mean() > night.mean() + 10
    below = [image[72:].mean(axis=2).ravel() for image in (day, night)]
    assert np.corrcoef(*below)[0, 1] > 0.5  # the same street, under another sky


def test_a_thermal_image_becomes_a_coloured_street():
    """Closer to the hidden day than the thermal image is, which is grey; the street is the same one."""
    scene = render_scene(3, (256, 128), renderings=('thermal', 'day'))
    thermal = np.repeat(scene.thermal[..., None], 3, axis=2) if scene.thermal.ndim == 2 else scene.thermal
    day, = NightgenInferencer('morngan_thermal2day')(thermal)['predictions']
    assert day.shape == thermal.shape and np.ptp(day.astype(int), axis=2).mean() > 5

    def error(image: np.ndarray) -> float:
        return ((image.astype(float) - scene.day) ** 2).mean()

    assert error(day) < 0.8 * error(thermal)


def test_a_grey_photo_gets_colours_and_keeps_its_lightness():
    grey = np.repeat(render_scene(3, (256, 128), renderings=('day',)).day.mean(axis=2, keepdims=True), 3, axis=2)
    grey = grey.round().astype(np.uint8)
    coloured, = ColorizationInferencer('cgan_colorization_photos')(grey)['predictions']
    assert coloured.shape == grey.shape and np.ptp(coloured.astype(int), axis=2).mean() > 4
    lightness = [rgb_to_lab(image)[..., 0] for image in (grey, coloured)]
    assert np.abs(lightness[0] - lightness[1]).mean() < 2  # of 100
