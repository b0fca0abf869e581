"""Feature networks: layers by hand, weight files checked, nothing replaced."""

import hashlib

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nightgen.checkpoint import CheckpointMismatchError
from nightgen.models.experts import InceptionFeatures, SegmentorFeatures, VGGFeatures
from nightgen.models.experts.inception import FIDInception
from nightgen.registry import MODELS


def pictures(count=2, height=40, width=56, seed=0):
    return torch.randint(0, 256, (count, 3, height, width), dtype=torch.uint8,
                         generator=torch.Generator().manual_seed(seed))


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope='module')
def inception_file(tmp_path_factory):
    torch.manual_seed(0)
    state = FIDInception().state_dict()
    # as in the published file: a classifier, and no counters
    state = {key: value for key, value in state.items() if not key.endswith('num_batches_tracked')}
    state.update({'fc.weight': torch.zeros(1008, 2048), 'fc.bias': torch.zeros(1008)})
    path = tmp_path_factory.mktemp('weights') / 'inception.pth'
    torch.save(state, path)
    return path


def test_inception_is_torchvisions_by_size_and_names():
    network = FIDInception()
    # Inception v3 has 27,161,264 parameters: 2,049,000 of the classifier and 3,326,696 of the auxiliary one less
    assert sum(parameter.numel() for parameter in network.parameters()) == 21_785_568
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    assert shapes['Conv2d_4a_3x3.conv.weight'] == (192, 80, 3, 3)
    assert shapes['Mixed_5b.branch_pool.conv.weight'] == (32, 192, 1, 1)
    assert shapes['Mixed_6b.branch7x7dbl_2.conv.weight'] == (128, 128, 7, 1)
    assert shapes['Mixed_6e.branch7x7_2.bn.running_mean'] == (192,)
    assert shapes['Mixed_7a.branch7x7x3_4.conv.weight'] == (192, 192, 3, 3)
    assert shapes['Mixed_7c.branch3x3dbl_3b.conv.weight'] == (384, 384, 3, 1)
    assert network.Conv2d_1a_3x3.bn.eps == 0.001


def test_inception_sizes_and_the_pools_of_the_fid():
    network, sizes = FIDInception().eval(), {}
    for name, block in network.named_children():
        block.register_forward_hook(lambda module, inputs, output, name=name: sizes.update({name: output.shape[1:]}))
    with torch.no_grad():
        assert network(torch.zeros(1, 3, 299, 299)).shape == (1, 2048)
    assert sizes['Mixed_5d'] == (288, 35, 35) and sizes['Mixed_6e'] == (768, 17, 17)
    assert sizes['Mixed_7c'] == (2048, 8, 8)
    inputs = torch.rand(1, 1280, 8, 8)
    pooled = {}
    for block, channels in ((network.Mixed_7b, 1280), (network.Mixed_7c, 2048)):
        block.branch_pool.register_forward_pre_hook(lambda module, x, key=channels: pooled.update({key: x[0]}))
        block(torch.cat([inputs, inputs], 1)[:, :channels])
    corner = inputs[..., :2, :2]
    torch.testing.assert_close(pooled[1280][..., 0, 0], corner.mean(dim=(2, 3)))  # of four values, not nine
    torch.testing.assert_close(pooled[2048][:, :1280, 0, 0], corner.amax(dim=(2, 3)))


def test_inception_features_from_a_file(inception_file):
    extractor = MODELS.build(dict(type='InceptionFeatures', weights=str(inception_file),
                                  sha256=digest(inception_file)[:12]))
    assert extractor.identity == dict(name='inception', sha256=digest(inception_file), resize='299x299 bilinear')
    assert not list(extractor.parameters()) and not extractor.network.training
    images = pictures()
    torch.manual_seed(0)
    reference = FIDInception().eval()
    with torch.no_grad():
        resized = F.interpolate(images.float(), (299, 299), mode='bilinear', align_corners=False)
        torch.testing.assert_close(extractor(images), reference(2 * resized / 255 - 1), rtol=1e-4, atol=1e-5)
    clean = InceptionFeatures(inception_file, sha256=None, resize='clean')
    assert clean.identity['resize'] == '299x299 bicubic antialiased'
    assert not torch.allclose(clean(images), extractor(images))


def test_inception_of_another_file_is_an_error(inception_file, tmp_path):
    with pytest.raises(CheckpointMismatchError, match='not the weight file of the FID Inception'):
        InceptionFeatures(inception_file)  # the published file's hash
    torch.save({'conv.weight': torch.zeros(1)}, tmp_path / 'other.pth')
    with pytest.raises(CheckpointMismatchError, match='missing'):
        InceptionFeatures(tmp_path / 'other.pth', sha256=None)
    with pytest.raises(TypeError, match='uint8'):
        InceptionFeatures('random')(torch.zeros(1, 3, 8, 8))
    with pytest.raises(ValueError, match='resize'):
        InceptionFeatures('random', resize='nearest')


@pytest.mark.parametrize('depth', [16, 19])
def test_vgg_layers_are_those_of_the_names(depth):
    torch.manual_seed(depth)
    layers = ('relu2_1', 'conv2_2', 'pool2', 'relu1_1')
    extractor = VGGFeatures('random', depth, layers)
    images = pictures()
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    x = (images / 255 - mean) / std
    convolutions = [module for module in extractor.network.features if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == depth - 3
    expected = {'relu1_1': F.relu(convolutions[0](x))}
    x = F.max_pool2d(F.relu(convolutions[1](expected['relu1_1'])), 2)
    expected['relu2_1'] = F.relu(convolutions[2](x))
    expected['conv2_2'] = convolutions[3](expected['relu2_1'])
    expected['pool2'] = F.max_pool2d(F.relu(expected['conv2_2']), 2)
    for name, ours in zip(layers, extractor.maps(images), strict=True):
        torch.testing.assert_close(ours, expected[name], rtol=1e-4, atol=1e-4)
    features = extractor(images)
    assert features.shape == (2, 128 + 128 + 128 + 64)
    torch.testing.assert_close(features[:, -64:], expected['relu1_1'].mean(dim=(2, 3)), rtol=1e-4, atol=1e-4)


def test_vgg_takes_floats_with_gradient_and_caffes_colours():
    extractor = VGGFeatures('random', layers=('conv1_1',), preprocess='caffe', size=(24, 32))
    images = pictures(1)
    x = images.float() / 127.5 - 1
    x.requires_grad_()
    (feature,) = extractor.maps(x)
    feature.sum().backward()
    assert feature.shape == (1, 64, 24, 32) and x.grad.abs().sum() > 0
    grey = torch.full((1, 3, 24, 32), 100, dtype=torch.uint8)
    expected = torch.tensor([100 - 103.939, 100 - 116.779, 100 - 123.68])  # BGR
    torch.testing.assert_close(extractor.normalised(grey)[0, :, 5, 5], expected)
    assert extractor.identity['resize'] == '24x32 bicubic' and extractor.identity['preprocess'] == 'caffe'


def test_vgg_weights_from_torchvisions_file(tmp_path):
    torch.manual_seed(1)
    donor = VGGFeatures('random', 16, ('relu1_2',))
    state = dict(donor.network.state_dict(), **{'classifier.0.weight': torch.zeros(3, 3)})
    torch.save(state, tmp_path / 'vgg16.pth')
    loaded = VGGFeatures(tmp_path / 'vgg16.pth', 16, ('relu1_2',), sha256=digest(tmp_path / 'vgg16.pth'))
    torch.testing.assert_close(loaded(pictures()), donor(pictures()))
    with pytest.raises(CheckpointMismatchError, match='SHA-256'):
        VGGFeatures(tmp_path / 'vgg16.pth', 16, ('relu1_2',), sha256='0' * 64)
    with pytest.raises(CheckpointMismatchError, match='not of the expert'):
        VGGFeatures(tmp_path / 'vgg16.pth', 19, ('relu1_2',))
    with pytest.raises(ValueError, match=r"no layers \['relu6_1'\]"):
        VGGFeatures('random', layers=('relu6_1',))
    with pytest.raises(ValueError, match='preprocess'):
        VGGFeatures('random', preprocess='keras')


class TwoMaps(nn.Module):
    """Stands for a segmentation expert."""

    card = dict(sha256='ab' * 32, config='small.py', input_size=None)

    def features(self, images):
        x = images.float()
        return x, F.avg_pool2d(x, 4)


def test_segmentor_features_are_means_of_a_level():
    extractor = SegmentorFeatures(TwoMaps(), level=-1, name='nightscape')
    images = pictures(3, 40, 56)
    torch.testing.assert_close(extractor(images), images.float().mean(dim=(2, 3)))
    maps, expected = extractor.maps(images), TwoMaps().features(images)  # all of them, for a distance of maps
    assert len(maps) == 2 and all(torch.equal(one, other.float()) for one, other in zip(maps, expected, strict=True))
    assert extractor.identity == dict(name='nightscape', sha256='ab' * 32, resize='none', config='small.py', level=-1)
    with pytest.raises(TypeError, match='gives no features'):
        SegmentorFeatures(nn.Identity())
