"""The reference repositories' networks, transcribed: which layer stands where, and what forward does."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Holder(nn.Module):
    """Keys begin with ``model.``."""

    def __init__(self, *layers):
        super().__init__()
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class Block(nn.Module):
    """ResnetBlock: padding, convolution, norm, activation, padding, convolution, norm in ``conv_block``."""

    def __init__(self, width, activation):
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width), activation(),
            nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width))

    def forward(self, x):
        return x + self.conv_block(x)


class Blur(nn.Module):
    """CUT's Downsample and Upsample, with their filter as a buffer ``filt``."""

    def __init__(self, width, up):
        super().__init__()
        self.up = up
        row = torch.tensor([1.0, 3, 3, 1] if up else [1.0, 2, 1])
        kernel = torch.outer(row, row) / row.sum() ** 2 * (4 if up else 1)
        self.register_buffer('filt', kernel.repeat(width, 1, 1, 1))

    def forward(self, x):
        if not self.up:
            return F.conv2d(F.pad(x, (1,) * 4, mode='reflect'), self.filt, stride=2, groups=x.shape[1])
        x = F.pad(x, (1,) * 4, mode='replicate')
        return F.conv_transpose2d(x, self.filt, stride=2, padding=2, groups=x.shape[1])[:, :, 1:-1, 1:-1]


def normed(conv, width, activation=nn.ReLU):
    return [conv, nn.InstanceNorm2d(width), activation()]


def resnet_generator(base, blocks, antialias):
    layers = [nn.ReflectionPad2d(3), *normed(nn.Conv2d(3, base, 7), base)]
    for width in (base, 2 * base):
        layers += normed(nn.Conv2d(width, 2 * width, 3, 1 if antialias else 2, 1), 2 * width)
        layers += [Blur(2 * width, up=False)] if antialias else []
    layers += [Block(4 * base, nn.ReLU) for _ in range(blocks)]
    for width in (4 * base, 2 * base):
        layers += [Blur(width, up=True)] if antialias else []
        layers += normed(nn.Conv2d(width, width // 2, 3, 1, 1) if antialias else nn.ConvTranspose2d(
            width, width // 2, 3, 2, 1, output_padding=1), width // 2)
    return Holder(*layers, nn.ReflectionPad2d(3), nn.Conv2d(base, 3, 7), nn.Tanh())


def patch_discriminator(base, antialias=False, batch_norm=False, channels=3):
    layers, before = [], channels
    for index, width in enumerate((base, 2 * base, 4 * base, 8 * base)):
        stride = 2 if index < 3 and not antialias else 1
        layers.append(nn.Conv2d(before, width, 4, stride, 1, bias=index == 0 or not batch_norm))
        if index:
            layers.append(nn.BatchNorm2d(width) if batch_norm else nn.InstanceNorm2d(width))
        layers.append(nn.LeakyReLU(0.2))
        if index < 3 and antialias:
            layers.append(Blur(width, up=False))
        before = width
    return Holder(*layers, nn.Conv2d(before, 1, 4, 1, 1))


class Projection(nn.Module):
    """PatchSampleF once its perceptrons ``mlp_0``, ``mlp_1``, ... exist."""

    def __init__(self, channels, width):
        super().__init__()
        for index, before in enumerate(channels):
            setattr(self, f'mlp_{index}', nn.Sequential(
                nn.Linear(before, width), nn.ReLU(), nn.Linear(width, width)))

    def forward(self, features, places):
        vectors = []
        for index, (part, at) in enumerate(zip(features, places, strict=True)):
            x = getattr(self, f'mlp_{index}')(part.permute(0, 2, 3, 1).flatten(1, 2)[:, at[0]])
            vectors.append(x / (x.pow(2).sum(-1, keepdim=True).pow(0.5) + 1e-7))
        return vectors


class UBlock(nn.Module):
    """UnetSkipConnectionBlock of pix2pix with batch norm; in-place activations change what the skip hands on."""

    def __init__(self, outer, inner, channels=None, inside=None, outermost=False, dropout=False):
        super().__init__()
        self.outermost = outermost
        down = nn.Conv2d(channels or outer, inner, 4, 2, 1, bias=False)
        up = nn.ConvTranspose2d(inner if inside is None else 2 * inner, outer, 4, 2, 1, bias=outermost)
        if outermost:
            layers = [down, inside, nn.ReLU(True), up, nn.Tanh()]
        elif inside is None:
            layers = [nn.LeakyReLU(0.2, True), down, nn.ReLU(True), up, nn.BatchNorm2d(outer)]
        else:
            layers = [nn.LeakyReLU(0.2, True), down, nn.BatchNorm2d(inner), inside, nn.ReLU(True), up,
                      nn.BatchNorm2d(outer), *([nn.Dropout(0.5)] if dropout else [])]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


def unet(base, channels, outputs, widest=3):
    """Five levels and as many more of the widest, with dropout: eight for unet_256."""
    block = UBlock(8 * base, 8 * base)
    for _ in range(widest):
        block = UBlock(8 * base, 8 * base, inside=block, dropout=True)
    for outer, inner in ((4 * base, 8 * base), (2 * base, 4 * base), (base, 2 * base)):
        block = UBlock(outer, inner, inside=block)
    network = nn.Module()
    network.model = UBlock(outputs, base, channels, block, outermost=True)
    return network


class Attention(nn.Module):
    """PearlGAN's PGAResBlockv4k3."""

    def __init__(self, width):
        super().__init__()
        for index in range(1, 5):
            setattr(self, f'bottlenec{index}', nn.Sequential(
                nn.ReflectionPad2d(1), nn.Conv2d(width // 4, 1, 3), nn.InstanceNorm2d(1), nn.Sigmoid()))
        self.conv = nn.Sequential(nn.Conv2d(width, width, 1), nn.InstanceNorm2d(width), nn.PReLU())

    def forward(self, x):
        parts = self.conv(x).chunk(4, 1)
        pooled = [F.avg_pool2d(part, 3, stride) for part, stride in zip(parts, (2, 4, 8, 16), strict=True)]
        attention, maps = None, []
        for index, features in enumerate(reversed(pooled), start=1):
            if attention is not None:
                features = features + features * F.interpolate(attention, size=features.shape[2:], mode='bilinear')
            attention = getattr(self, f'bottlenec{index}')(features)
            maps.append(F.interpolate(attention, size=x.shape[2:], mode='bilinear'))
        return torch.cat([part * weight for part, weight in zip(parts, reversed(maps), strict=True)], 1) + x


class Encoder(nn.Module):
    def __init__(self, base, blocks, attention):
        super().__init__()
        layers = [nn.ReflectionPad2d(3), *normed(nn.Conv2d(3, base, 7), base, nn.PReLU)]
        for width in (base, 2 * base):
            layers += normed(nn.Conv2d(width, 2 * width, 3, 2, 1), 2 * width, nn.PReLU)
        inner = [Block(4 * base, nn.PReLU) for _ in range(blocks)]
        if attention:
            self.model, self.model_postfix = nn.Sequential(*layers, Attention(4 * base)), nn.Sequential(*inner)
        else:
            self.model = nn.Sequential(*layers, *inner)

    def forward(self, x):
        x = self.model(x)
        return self.model_postfix(x) if hasattr(self, 'model_postfix') else x


class Decoder(nn.Module):
    def __init__(self, base, blocks, attention, groups=None):
        super().__init__()
        if attention:
            self.model_att = Attention(4 * base)
        layers = [Block(4 * base, nn.PReLU) for _ in range(blocks)]
        for width in (2 * base, base):
            layers += [nn.ConvTranspose2d(2 * width, width, 4, 2, 1),
                       nn.GroupNorm(groups, width) if groups else nn.InstanceNorm2d(width), nn.PReLU()]
        self.model = nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(base, 3, 7), nn.Tanh())

    def forward(self, x):
        return self.model(self.model_att(x) if hasattr(self, 'model_att') else x)


class SNConv(nn.Conv2d):
    """BigGAN's: buffers u0 (a row) and sv0; in evaluation one power iteration that is not kept."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_buffer('u0', torch.randn(1, self.out_channels))
        self.register_buffer('sv0', torch.ones(1))

    def forward(self, x):
        matrix = self.weight.flatten(1)
        v = F.normalize(self.u0 @ matrix, eps=1e-12)
        u = F.normalize(v @ matrix.t(), eps=1e-12)
        return F.conv2d(x, self.weight / (v @ matrix.t() @ u.t()).squeeze(), self.bias, self.stride, self.padding)


class Views(nn.Module):
    """NLayerDiscriminator and NLayerDiscriminatorSN of ToDayGAN and PearlGAN."""

    def __init__(self, base, layers, spectral):
        super().__init__()
        self.spectral = spectral
        self.model_rgb, self.model_gray = self.network(3, base, layers), self.network(1, base, layers)
        self.model_grad = self.network(2, base, layers - 1)

    def network(self, channels, base, layers):
        conv = SNConv if self.spectral else nn.Conv2d

        def step(before, after, stride):
            norm = [] if self.spectral else [nn.InstanceNorm2d(after)]
            return [conv(before, after, 4, stride, 2), *norm, nn.PReLU()]

        widths = [base * min(2 ** n, 8) for n in range(layers + 1)]
        steps = [[conv(channels, base, 4, 2, 2), nn.PReLU()]]
        steps += [step(widths[n - 1], widths[n] + 1, 2) for n in range(1, layers)]
        steps += [[*step(widths[layers - 1], widths[layers], 1), conv(widths[layers], 1, 4, 1, 2)]]
        return nn.Sequential(*[nn.Sequential(*parts) for parts in steps])

    @staticmethod
    def scores(network, x):
        x, maps = network[0](x), []
        for index, step in enumerate(network[1:], start=1):
            out = step(x)
            maps.append(out[:, -1])
            x = out[:, :-1] if index < len(network) - 1 else out
        return maps

    def forward(self, x):
        grey = .299 * x[:, :1] + .587 * x[:, 1:2] + .114 * x[:, 2:]
        small, tap = grey[..., ::2, ::2], torch.tensor([[[[-1.0, 0, 1]]]], dtype=x.dtype)
        horizontal = F.conv2d(small, tap)[:, :, 1:-1]  # a 3x3 filter whose other rows are zero
        vertical = F.conv2d(small, tap.transpose(2, 3))[..., 1:-1]
        blurred = F.conv2d(x, blur_filter().to(x).expand(3, 1, 5, 5), padding=2, groups=3)
        return [self.scores(self.model_rgb, blurred), self.scores(self.model_gray, grey),
                self.scores(self.model_grad, torch.cat([horizontal, vertical], 1))]


def blur_filter():
    """A Gaussian of deviation 3, cut off at 12, on a 5x5 delta whose borders repeat mirrored."""
    weights = np.exp(-0.5 * (np.arange(-12, 13) / 3) ** 2)
    row = np.convolve(np.pad([0.0, 0, 1, 0, 0], 12, mode='symmetric'), weights / weights.sum(), mode='valid')
    return torch.from_numpy(np.outer(row, row)).float()[None, None]
