"""The inference form of the two-stream U-Net: the same function, in both ways of calling it."""

import pytest
import torch

from nightgen.models.backbones import TwoStreamUNet
from nightgen.models.backbones.n2d_lpnet_inference import bf16_convolutions

SMALL = dict(widths=(8, 16, 32), num_classes=5)


def made_inputs(size: tuple[int, int] = (24, 40)) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, 1, *size, generator=generator) * 2 - 1, torch.randint(0, 5, (2, *size), generator=generator)


@pytest.mark.parametrize('settings', [
    dict(), dict(grey_norm='none', out_act='leaky_relu', slope=0.1), dict(label_encoding='learned', head_bias=True),
    dict(label_encoding='onehot', in_channels=3)], ids=str)
@pytest.mark.parametrize('fused', [True, False])
def test_fp32_is_the_same_function(settings: dict, fused: bool):
    torch.manual_seed(0)
    network = TwoStreamUNet(**SMALL, **settings)
    grey, label = made_inputs()
    grey = grey.expand(-1, settings.get('in_channels', 1), -1, -1)
    inference = network.to_inference()
    inference.fused = inference.fused and fused
    with torch.no_grad():
        expected = network(grey, label)
    assert expected.abs().max() > 1e-4
    kept = inference.encode_grey(grey)
    for made in (inference(grey, label), inference(grey, label, kept=kept), inference(grey, label, kept=kept)):
        torch.testing.assert_close(made, expected, rtol=1e-4, atol=1e-6)
        assert made.dtype == torch.float32 and made.is_contiguous()


@pytest.mark.skipif(not bf16_convolutions(), reason='no bfloat16 convolutions here')
def test_bf16_is_near_it_and_tells_all_classes_apart():
    torch.manual_seed(0)
    network = TwoStreamUNet(widths=(8, 16, 32), num_classes=60)
    grey, _ = made_inputs((32, 32))
    inference = network.to_inference(torch.bfloat16)
    assert inference.network.decoder[1].conv2.weight.dtype == torch.bfloat16
    label = torch.arange(60).repeat_interleave(36)[:1024].view(1, 32, 32).expand(2, -1, -1)
    codes = inference.network.label_picture(label)
    assert codes.dtype == torch.float32 and codes.unique().numel() == label.unique().numel()
    with torch.no_grad():
        expected = network(grey, label)
    made = inference(grey, label)
    assert made.dtype == torch.float32
    assert (made - expected).abs().mean() < 0.03 * expected.abs().mean()


def test_it_is_a_copy_and_checks_labels_too():
    network = TwoStreamUNet(**SMALL)
    inference, (grey, label) = network.to_inference(), made_inputs()
    before = inference(grey, label)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2)
    assert inference(grey, label).equal(before) and network.encoder[1].conv1.weight.requires_grad
    with pytest.raises(ValueError, match='classes are 0 to 4'):
        inference.check_label(label + 5)
    with pytest.raises(ValueError, match='float16 needs a GPU'):
        network.to_inference(torch.float16)
