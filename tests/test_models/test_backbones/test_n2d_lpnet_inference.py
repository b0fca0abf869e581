"""The inference network against the network that it is made from: every option, odd sizes, batches, both dtypes."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from nightgen.models.backbones import N2DLPNet
from nightgen.models.backbones.n2d_lpnet_inference import AutocastInference
from nightgen.testing.processor import bf16_convolutions, fused_operators

TINY = dict(base=8, stem=4, n_low=2, n_guide=1, level_hidden=8)
OPTIONS = [{}, dict(guide_mode='res_mul'), dict(guide_act='sigmoid'), dict(guide_act='2sigmoid', guide_mode='res_mul'),
           dict(interp='nearest'), dict(stem_kernel=3), dict(guide_out=1), dict(guide_out=1, guide_mode='res_mul'),
           dict(norm='none'), dict(low_residual=False), dict(low_act='none'), dict(num_levels=2), dict(num_levels=1),
           dict(num_levels=4), dict(identity_init=True), dict(dark_colour=0.3)]
FUSED = [False, pytest.param(True, marks=pytest.mark.skipif(not fused_operators(), reason='torch without oneDNN'))]
bf16 = pytest.mark.skipif(not bf16_convolutions(), reason='CPU without bf16 convolutions')


def tiny(**options):
    torch.manual_seed(0)
    return N2DLPNet(**{**TINY, **options}).eval()


def dark_frame(height=72, width=104, seed=0):
    """A street at night in [-1, 1]: near black, a soft sky, a few lamps, sensor noise."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.linspace(0, 1, height)[:, None].expand(height, width)
    image = 0.02 + 0.03 * (1 - rows) + 0.01 * torch.randn(3, height, width, generator=generator)
    for row, column in ((20, 15), (24, 60), (30, 90)):
        distance = (torch.arange(height)[:, None] - row) ** 2 + (torch.arange(width) - column) ** 2
        image = image + 0.9 * torch.exp(-distance / 12) * torch.tensor([1.0, 0.8, 0.5])[:, None, None]
    return image.clamp(0, 1)[None] * 2 - 1


def grey_levels(a, b):
    return (a - b).abs() * 127.5


@pytest.mark.parametrize('fused', FUSED)
@pytest.mark.parametrize('options', OPTIONS, ids=str)
def test_fp32_is_the_same_function(options, fused):
    network = tiny(**options)
    fast = network.to_inference(fused=fused)
    for x in (torch.rand(1, 3, 48, 64) * 2 - 1, dark_frame()):
        with torch.no_grad():
            assert grey_levels(fast(x), network(x)).max() < 0.01


@pytest.mark.parametrize('options', OPTIONS, ids=str)
def test_further_levels_are_the_same_function(options):
    network = tiny(native_side=18, **options)
    assert network.further_levels(72, 104) == 2
    with torch.no_grad():
        assert grey_levels(network.to_inference()(dark_frame()), network(dark_frame())).max() < 0.01


@pytest.mark.parametrize('native_side', [None, 20])
@pytest.mark.parametrize('size', [(32, 48), (37, 51), (9, 33), (200, 240)])
def test_any_size_and_batch(size, native_side):
    network = tiny(native_side=native_side)
    fast = network.to_inference()
    x = torch.rand(3, 3, *size) * 2 - 1
    out = fast(x)
    assert out.shape == x.shape and out.is_contiguous() and out.dtype is torch.float32 and not out.requires_grad
    assert grey_levels(out, network(x)).max() < 0.01
    strided = x.to(memory_format=torch.channels_last)
    assert torch.equal(fast(strided), out)


def test_outputs_and_inputs_are_not_overwritten_by_the_next_call():
    fast = tiny().to_inference()
    x = torch.rand(1, 3, 40, 48) * 2 - 1
    kept_input = x.clone()
    first = fast(x)
    kept = first.clone()
    fast(-x)
    fast(torch.zeros(1, 3, 64, 40))
    assert torch.equal(first, kept) and torch.equal(x, kept_input) and torch.equal(fast(x), kept)


def test_calls_from_several_threads():
    fast = tiny().to_inference()
    images = [torch.rand(1, 3, 40, 48) * 2 - 1 for _ in range(8)]
    want = [fast(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        assert all(torch.equal(a, b) for a, b in zip(pool.map(fast, images), want, strict=True))


@bf16
@pytest.mark.parametrize('fused', FUSED)
@pytest.mark.parametrize('options', [dict(identity_init=True), dict(guide_mode='res_mul', identity_init=True),
                                     dict(identity_init=True, low_act='none')], ids=str)
def test_bf16_on_dark_frames(options, fused):
    network = N2DLPNet(**options)
    fast = network.to_inference(torch.bfloat16, fused=fused)
    for x in (dark_frame(), torch.rand(1, 3, 72, 104) * 0.01 - 1):
        with torch.no_grad():
            difference = grey_levels(fast(x), network(x))
        assert difference.max() < 2 and difference.mean() < 0.2
        assert fast(x).dtype is torch.float32


@bf16
def test_what_dark_frames_need_stays_in_fp32():
    fast = tiny().to_inference(torch.bfloat16)
    dtypes = {name: parameter.dtype for name, parameter in fast.named_parameters()}
    exact = {name for name, dtype in dtypes.items() if dtype is torch.float32}
    assert exact == {name for name in dtypes if '.stem' in name or '.head' in name}
    assert fast.first0.dtype is torch.float32
    seen = []
    block, fast._block = fast._block, lambda module, stream: (seen.append(stream.dtype), block(module, stream))[1]
    fast(dark_frame())
    assert seen == [torch.float32] * 2 + [torch.bfloat16]


def test_weights_are_copied():
    network = tiny()
    network.train()
    fast = network.to_inference()
    x = torch.rand(1, 3, 32, 32) * 2 - 1
    before = fast(x)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    assert torch.equal(fast(x), before)
    assert network.training and all(parameter.requires_grad for parameter in network.parameters())
    for copied in (copy.deepcopy(fast), pickle.loads(pickle.dumps(fast))):
        assert torch.equal(copied(x), before)


def test_errors():
    network = tiny()
    with pytest.raises(ValueError, match='float16 needs a GPU'):
        network.to_inference(torch.float16)
    with pytest.raises(ValueError, match='float64 is unknown'):
        network.to_inference(torch.float64)
    with pytest.raises(ValueError, match='at least 9'):
        network.to_inference()(torch.rand(1, 3, 8, 32))
    with pytest.raises(ValueError, match='made for the CPU'):
        network.to_inference()(torch.rand(1, 3, 32, 32, device='meta'))


@pytest.mark.parametrize('dtype', [torch.float32, pytest.param(torch.bfloat16, marks=bf16)])
def test_the_path_of_gpus_on_a_cpu(dtype):
    network = N2DLPNet(identity_init=True)
    fast, x = AutocastInference(network, dtype), dark_frame(37, 51)
    out = fast(x)
    assert out.dtype is torch.float32 and out.is_contiguous() and not out.requires_grad
    difference = grey_levels(out, network(x))
    assert difference.max() < (0.01 if dtype is torch.float32 else 2)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')
@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16, torch.float16])
def test_gpu(dtype):
    network = N2DLPNet(identity_init=True).cuda()
    x = dark_frame().cuda()
    with torch.no_grad():
        difference = grey_levels(network.to_inference(dtype)(x), network(x))
    assert difference.max() < (0.2 if dtype is torch.float32 else 2)


LACKING = 'nightgen.models.backbones.n2d_lpnet_inference'


def test_bf16_is_refused_without_its_convolutions(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(f'{LACKING}.bf16_convolutions', lambda: False)
    with pytest.raises(ValueError, match='has no bfloat16 convolutions; take float32'):
        tiny().to_inference(torch.bfloat16)
    tiny().to_inference(torch.float32)


@pytest.mark.parametrize('amx,said', [(True, 0), (False, 1)])
def test_bf16_without_amx_is_said_to_be_slow(monkeypatch: pytest.MonkeyPatch, amx: bool, said: int):
    lines = []
    monkeypatch.setattr(f'{LACKING}.bf16_convolutions', lambda: True)
    monkeypatch.setattr('torch.cpu._is_amx_tile_supported', lambda: amx)
    monkeypatch.setattr(f'{LACKING}.print_log', lambda message, *where: lines.append(message))
    tiny().to_inference(torch.float32)
    tiny().to_inference(torch.bfloat16)
    assert len(lines) == said and all('slower than float32 on this CPU' in line for line in lines)
