"""Every registered backbone, head, discriminator, loss and translator, without a list of them: a new part is in here.

Each is built small, run forward and backward, saved and loaded, deep-copied and run under bf16 autocast. Arguments and
inputs come by their names: a part with a name that nothing here knows fails, and says what to add.
"""

import copy
import inspect
import io

import pytest
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

import nightgen.models  # noqa: F401
from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.models.translators import BaseTranslator
from nightgen.registry import MODELS

SIDE, BASE, CLASSES = 128, 4, 19
# Constructor arguments by name: what makes a part small, and what has no default.
SMALL = dict(base=BASE, stem=4, n_low=1, n_guide=1, level_hidden=8, num_blocks=1, groups=2, width=8,
             encoder=dict(type='ResNetEncoder', base=BASE, num_blocks=1),
             decoder=dict(type='ResNetDecoder', base=BASE, num_blocks=1),
             backbone=dict(type='CoordinateResNet', base=BASE, num_blocks=1),
             head=dict(type='ASPPHead', in_channels=BASE, base=BASE), widths=(BASE, 2 * BASE, 4 * BASE),
             rows=(BASE, 2 * BASE, 4 * BASE), generator=dict(type='ResNetGenerator', base=BASE, num_blocks=1))
NEEDED = dict(weights='random', layers=('relu1_1',), num_classes=CLASSES, kind='W',
              features=dict(type='VGGFeatures', weights='random', layers=('relu1_2', 'relu2_1')))


def parts(*rooms: str) -> list[type]:
    """The registered classes of some rooms of nightgen.models."""
    found = {part for part in MODELS.module_dict.values() if inspect.isclass(part)
             and any(part.__module__.startswith(f'nightgen.models.{room}.') for room in rooms)}
    return sorted(found, key=lambda part: part.__name__)


def build(part: type) -> nn.Module:
    torch.manual_seed(0)
    takes = inspect.signature(part).parameters
    config = {name: value for name, value in SMALL.items()  # a loss has groups of classes, a tuple of tuples
              if name in takes and (name != 'groups' or not isinstance(takes[name].default, tuple))}
    if part.__name__ == 'PerceptualLoss':  # its default is to refuse to guess weights
        config.update(weights='random', layers=('relu1_1', 'relu2_1'))
    config.update({name: NEEDED[name] for name, argument in takes.items()
                   if argument.default is argument.empty and name in NEEDED})
    missing = [name for name, argument in takes.items() if argument.default is argument.empty and name not in config
               and argument.kind not in (argument.VAR_KEYWORD, argument.VAR_POSITIONAL)]
    assert not missing, f'{part.__name__} needs {missing}: add values for these names to NEEDED'
    model = MODELS.build(dict(type=part.__name__, **config))
    if hasattr(model, 'init_weights'):
        model.init_weights()
    return model


def image(channels: int = 3, seed: int = 0, side: int = SIDE) -> Tensor:
    return torch.rand(2, channels, side, side, generator=torch.Generator().manual_seed(seed)) * 1.8 - 0.9


def label() -> Tensor:
    generator = torch.Generator().manual_seed(5)
    classes = torch.randint(0, CLASSES, (2, 8, 8), generator=generator)
    classes[:, :2, :2], classes[:, :1, 5:], classes[:, 5:] = 11, 255, 0
    return classes.repeat_interleave(SIDE // 8, 1).repeat_interleave(SIDE // 8, 2)


def attention(seed: int) -> list[Tensor]:
    return [image(1, seed + level, side).abs().requires_grad_() for level, side in enumerate([16] * 4)]


def places(seed: int) -> Tensor:
    return torch.randn(2, 6, 8, generator=torch.Generator().manual_seed(seed)).requires_grad_()


# What a loss is called with, by the names of its arguments.
LOSS_INPUTS = {
    **{name: (lambda seed=seed: image(seed=seed).requires_grad_()) for seed, name in enumerate(
        ('pred', 'target', 'image', 'translated', 'source', 'reference', 'scaled', 'real', 'fake'))},
    'edges': lambda: (image(1, 7) > 0.5).float(),
    'background': lambda: (image(1, 8) > 0).float(),
    'logits': lambda: image(CLASSES, 9).requires_grad_(),
    'bin_logits': lambda: image(313, 24, 16).requires_grad_(),
    'chroma': lambda: image(2, 25, 64),
    'label': label,
    'latent': lambda: image(16, 10, 16).requires_grad_(),
    'features': lambda: image(16, 11, 16).requires_grad_(),
    'other_features': lambda: image(16, 12, 16).requires_grad_(),
    'real_features': lambda: image(16, 18, 16),
    'fake_features': lambda: image(16, 19, 16).requires_grad_(),
    'real_label': label,
    'fake_label': label,
    'attention': lambda: attention(13),
    'other_attention': lambda: attention(17),
    'query': lambda: places(21),
    'key': lambda: places(22),
    'negative': lambda: places(23),
    'discriminator': lambda: nn.Conv2d(3, 1, 4, 2),
}
LATENT = 4 * BASE  # channels between the halves of a generator


def network_input(network: nn.Module) -> Tensor:
    """A picture, or a latent for the second half of a generator."""
    first = next(iter(inspect.signature(network.forward).parameters))
    channels = inspect.signature(type(network)).parameters.get('in_channels')
    pictures = image(channels.default if channels else 3)
    known = dict(latent=lambda: image(LATENT, side=16), x=lambda: pictures, grey=lambda: pictures,
                 rgb=lambda: image() / 2 + 0.5)
    assert first in known, f'{type(network).__name__} is called with {first!r}: add such an input to network_input'
    return known[first]()


def run(network: nn.Module, x: Tensor) -> list[Tensor]:
    """The tensors that a network makes; a pyramid has two ways in place of a forward pass."""
    if type(network).forward is nn.Module.forward:
        return [*(bands := network.decompose(x)), network.reconstruct(bands)]
    beside = dict(label=label) if 'label' in inspect.signature(network.forward).parameters else {}
    return tree_leaves(network(x, **{name: make() for name, make in beside.items()}))


def check_copies(network: nn.Module, x: Tensor) -> None:
    """Saved and loaded, and deep-copied, it does the same; the copy has weights of its own."""
    network.eval()
    with torch.no_grad():
        expected = run(network, x)
    file = io.BytesIO()
    torch.save(network.state_dict(), file)
    file.seek(0)
    other = build(type(network))
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(1)
    other.load_state_dict(torch.load(file, weights_only=True))
    twin = copy.deepcopy(network)
    with torch.no_grad():
        for same in (other.eval(), twin):
            assert all(a.equal(b) for a, b in zip(run(same, x), expected, strict=True))
        for parameter in twin.parameters():
            parameter.add_(1)
        assert all(a.equal(b) for a, b in zip(run(network, x), expected, strict=True))


NETWORKS = parts('backbones', 'heads', 'discriminators', 'layers')
LOSSES = parts('losses')
TRANSLATORS = parts('translators')


def test_there_are_parts():
    assert len(NETWORKS) >= 12 and len(LOSSES) >= 18 and len(TRANSLATORS) >= 5


@pytest.mark.parametrize('part', NETWORKS, ids=lambda part: part.__name__)
def test_networks(part):
    network = build(part)
    x = network_input(network).requires_grad_() if type(network).forward is not nn.Module.forward else \
        image().requires_grad_()
    made = run(network, x)
    assert made and all(tensor.isfinite().all() for tensor in made)
    sum(tensor.square().mean() for tensor in made).backward()
    assert x.grad.abs().sum() > 0
    without = [name for name, parameter in network.named_parameters() if parameter.requires_grad and
               (parameter.grad is None or not parameter.grad.isfinite().all())]
    assert not without, f'no finite gradient reaches {without}'
    with torch.autocast('cpu', torch.bfloat16):
        half = run(network, x.detach())
    assert [tensor.shape for tensor in half] == [tensor.shape for tensor in made]
    assert all(tensor.isfinite().all() and tensor.dtype in (torch.float32, torch.bfloat16) for tensor in half)
    check_copies(network, x.detach())


def call(loss: nn.Module) -> tuple[Tensor, list[Tensor]]:
    """The value of a loss, and its inputs that have gradients; of an adversarial one both sides together."""
    if type(loss).forward is nn.Module.forward:
        scores = [image(1, seed, 8).requires_grad_() for seed in (1, 2)]
        return loss.generator(scores[1], scores[0]) + loss.discriminator(*scores), scores
    takes = {name: argument for name, argument in inspect.signature(loss.forward).parameters.items()
             if argument.default is argument.empty and argument.kind is not argument.VAR_KEYWORD}
    unknown = sorted(set(takes) - set(LOSS_INPUTS))
    assert not unknown, f'{type(loss).__name__} is called with {unknown}: add inputs of these names to LOSS_INPUTS'
    inputs = {name: LOSS_INPUTS[name]() for name in takes}
    leaves = [leaf for leaf in tree_leaves(inputs) if isinstance(leaf, Tensor) and leaf.requires_grad]
    owned = [p for value in inputs.values() if isinstance(value, nn.Module) for p in value.parameters()]
    return loss(**inputs), [*leaves, *owned]


@pytest.mark.parametrize('part', LOSSES, ids=lambda part: part.__name__)
def test_losses(part):
    loss = build(part)
    torch.manual_seed(0)
    value, inputs = call(loss)
    assert value.ndim == 0 and value.isfinite() and value != 0
    value.backward()
    assert any(leaf.grad is not None and leaf.grad.abs().sum() > 0 for leaf in inputs)
    assert all(leaf.grad is None or leaf.grad.isfinite().all() for leaf in inputs)
    torch.manual_seed(0)
    twin = copy.deepcopy(loss)
    twin.load_state_dict(loss.state_dict())
    assert call(twin)[0].equal(value)
    with torch.autocast('cpu', torch.bfloat16):
        torch.manual_seed(0)
        half, _ = call(loss)
    assert half.dtype == torch.float32, 'a loss that is summed in 16 bit'
    torch.testing.assert_close(half, value, rtol=0.05, atol=0.02)


GENERATORS = (
    dict(type='SplitGenerator', encoder=dict(type='ContentEncoder', base=BASE, num_blocks=1),
         decoder=dict(type='ContentDecoder', base=BASE, num_blocks=1)),
    dict(type='ResNetGenerator', base=BASE, num_blocks=5),
    dict(type='UNet', base=BASE, num_levels=3),
    dict(type='ColorBinsNet', base=BASE),
    dict(type='TwoStreamUNet', widths=(BASE, 2 * BASE, 4 * BASE)))
DOMAINS = (('night', 'day'), ('color',))


# What a translator with a further player needs: its networks, its turn, and a term that drives it.
SEGMENTOR = dict(type='Segmentor', backbone=dict(type='CoordinateResNet', base=BASE, num_blocks=1),
                 head=dict(type='ASPPHead', in_channels=BASE, base=BASE))
FURTHER = dict(segmentors=dict(
    config=dict(segmentor=SEGMENTOR, turns=[('generator', 'segmentor'), ('discriminator',)]),
    losses=[dict(type='GaussianPriorLoss', reads=dict(latent='training_logits_day'), drives='segmentor',
                 name='loss_segmentor')]))


def build_translator(part: type) -> BaseTranslator:
    """With the first generator and domains that it takes, a pixel and an adversarial term."""
    refused = []
    for domains in DOMAINS:
        for generator in GENERATORS:
            torch.manual_seed(0)
            config = dict(type=part.__name__, domains=domains, generator=generator,
                          discriminator=dict(type='PatchDiscriminator', base=BASE, num_layers=2))
            further = [needs for name, needs in FURTHER.items() if name in inspect.signature(part).parameters]
            for needs in further:
                config.update(needs['config'])
            try:
                model = MODELS.build(config)
                produced = model.produced_domains[0]
                made = f'fake_{produced}' if f'fake_{produced}' in model.tensor_names() else None
                adversarial = dict(real='real_lab', fake='fake_lab') if 'fake_lab' in model.tensor_names() else \
                    dict(real='real_*', fake='fake_*')
                losses = [dict(type='PixelLoss', reads=dict(pred=made, target=f'real_{produced}')),
                          dict(type='AdversarialLoss', reads=adversarial, pool=2, **(
                              {} if '*' in adversarial['fake'] else dict(discriminator=produced))),
                          *(term for needs in further for term in needs['losses'])]
                torch.manual_seed(0)
                model = MODELS.build(dict(config, losses=losses))
                if translate(model).shape[-1] == SIDE:
                    return model
            except (ValueError, TypeError, KeyError, RuntimeError) as error:
                refused.append(f'{generator["type"]} over {domains}: {error}')
    raise AssertionError(f'{part.__name__} takes none of the generators that there are; add one. ' + '; '.join(refused))


def translate(model: BaseTranslator) -> Tensor:
    named = {name: label() if name == 'label' else value
             for name, value in model.example_inputs((SIDE, SIDE))[1].items()}
    return model.translate(image(model.input_channels), **named)


def step(model: BaseTranslator, amp: str = 'off') -> dict[str, Tensor]:
    players = {player: dict(optimizer=dict(type='SGD', lr=0.05)) for player in model.player_modules()}
    generator = torch.Generator().manual_seed(3)
    inputs = {f'real_{domain}': list(torch.randint(0, 256, (2, 3, SIDE, SIDE), generator=generator, dtype=torch.uint8))
              for domain in model.domains}
    inputs.update({name: list(label().to(torch.uint8)) for name in model.inputs if name.startswith('label')})
    torch.manual_seed(4)
    return model.train_step(dict(inputs=inputs, data_samples=None),
                            PlayerOptimWrapperConstructor(dict(**players, amp=amp))(model))


@pytest.mark.parametrize('part', TRANSLATORS, ids=lambda part: part.__name__)
def test_translators(part):
    model = build_translator(part)
    start = copy.deepcopy(model)
    logs = step(model)
    assert all(value.isfinite() and value != 0 for value in logs.values())
    for player, networks in model.player_modules().items():
        before = [p for module in start.player_modules()[player] for p in module.parameters()]
        after = [p for module in networks for p in module.parameters()]
        assert any(not p.equal(q) for p, q in zip(before, after, strict=True)), f'{player} did not move'
    twin = copy.deepcopy(start)
    assert all(a.equal(b) for a, b in zip(step(twin).values(), logs.values(), strict=True))
    assert all(p.equal(q) for p, q in zip(twin.parameters(), model.parameters(), strict=True))
    other = build_translator(part)
    other.load_state_dict(model.state_dict())
    assert translate(other.eval()).equal(translate(model.eval()))
    half = step(copy.deepcopy(start), amp='bf16')
    assert half.keys() == logs.keys() and all(value.isfinite() for value in half.values())
    picture, named = model.example_inputs((SIDE, SIDE))
    assert model.inference_network()(picture, **named).shape[-2:] == (SIDE, SIDE)
