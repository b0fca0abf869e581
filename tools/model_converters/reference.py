"""Turns weights published by a reference repository into a checkpoint of nightgen.

Each network of the reference is a file of its own; --weights says which of our networks it is for. Networks without a
file keep the weights that training starts from. The checkpoint loads with init_model(CONFIG, OUT).
"""

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
import yaml
from torch import Tensor, nn

from nightgen.apis import init_model
from nightgen.checkpoint import CheckpointError, load_checkpoint, save_checkpoint, weights_of
from nightgen.models.experts.building import sha256_of
from nightgen.utils.cli import CONFIG_HELP, UsageError, load_config, run_tool

KEY_MAPS = Path(__file__).resolve().parent / 'key_maps'
SHOWN = 8
EXAMPLE = '''examples:
  CycleGAN, whose A is our thermal and B our day (G_A makes B, D_A judges B):
  python tools/model_converters/reference.py cyclegan configs/cyclegan/flir.py cyclegan.pth --weights \\
      generators.day=latest_net_G_A.pth generators.thermal=latest_net_G_B.pth \\
      discriminators.day=latest_net_D_A.pth discriminators.thermal=latest_net_D_B.pth
  CUT:
  python tools/model_converters/reference.py cut configs/cut/flir.py cut.pth --weights \\
      generators.day=latest_net_G.pth discriminators.day=latest_net_D.pth sampler=latest_net_F.pth
  ToDayGAN and PearlGAN with domains 0 = day, 1 = thermal: files 0 and 1 are encoders, 2 and 3 decoders. The generator
  that makes day encodes thermal:
  python tools/model_converters/reference.py todaygan configs/todaygan/flir.py todaygan.pth --weights \\
      generators.day.encoder=150_net_G1.pth generators.day.decoder=150_net_G2.pth \\
      generators.thermal.encoder=150_net_G0.pth generators.thermal.decoder=150_net_G3.pth \\
      discriminators.day=150_net_D0.pth discriminators.thermal=150_net_D1.pth'''


class ConversionError(ValueError):
    """Weights that are not those of the network that they were given for; the message lists the differences."""


class Source(NamedTuple):
    """A key of the reference, and whether the two halves of a transposed convolution's inputs change places."""

    key: str
    swap_inputs: bool


class KeyMap:
    """One file of ``key_maps``; its form is explained in ``cyclegan.yml``.

    Args:
        path: The file.
    """

    def __init__(self, path: Path):
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
        self.name, self.about = path.stem, content['about']
        self.networks: dict[str, dict] = content['networks']
        self.rename: dict[str, str] = content.get('rename', {})
        self.ignore, self.optional = set(content['ignore']), set(content.get('optional', ()))

    def section(self, network: nn.Module) -> dict:
        """What the file has for this class of network."""
        for kind in type(network).__mro__:
            if kind.__name__ in self.networks:
                return self.networks[kind.__name__]
        raise UsageError(f'the key map {self.name!r} knows {", ".join(self.networks)}, and no {type(network).__name__}')

    def sources(self, network: nn.Module) -> dict[str, Source]:
        """From each key of the network's state dict to what it is in the reference.

        Raises:
            ConversionError: If the map has no place for one of our modules that hold weights.
        """
        section = self.section(network)
        modules = [name for name, _ in network.named_modules()]
        counts = {letter: len({match['i'] for name in modules if (match := _pattern(ours).fullmatch(name))})
                  for letter, ours in section.get('counts', {}).items()}
        rules = [(_pattern(ours), theirs if isinstance(theirs, Mapping) else dict(module=theirs))
                 for ours, theirs in section['modules'].items()]
        keys, lost = {}, []
        for key in network.state_dict():
            module, part = key.rsplit('.', 1)
            found = next(((match, theirs) for rule, theirs in rules if (match := rule.fullmatch(module))), None)
            if found is None:
                lost.append(key)
                continue
            values = {**counts, **{letter: int(value) for letter, value in found[0].groupdict().items()}}
            keys[key] = Source(f'{fill(found[1]["module"], values)}.{self.rename.get(part, part)}',
                               part == 'weight' and found[1].get('swap_inputs', False))
        if lost:
            raise ConversionError(f'the reference has no counterpart of {_some(lost)}: the config builds this network '
                                  'with other options than the reference')
        return keys


def _pattern(ours: str) -> re.Pattern:
    """``layers.block{i}.conv1`` as a regular expression with the group ``i``."""
    return re.compile(re.sub(r'\\\{(\w)\\\}', r'(?P<\1>\\d+)', re.escape(ours)))


def fill(theirs: str, values: Mapping[str, int]) -> str:
    """Calculates what is in braces: ``{i+9}`` becomes a number, ``{text*n-2}`` the text n-2 times."""
    def replace(match: re.Match) -> str:
        text, star, terms = match[1].rpartition('*')
        number = sum((-1 if sign == '-' else 1) * (int(term) if term.isdigit() else values[term])
                     for sign, term in re.findall(r'([+-]?)(\w+)', terms))
        return text * number if star else str(number)
    return re.sub(r'\{(.+?)\}', replace, theirs)


def convert(state: Mapping[str, Tensor], network: nn.Module, key_map: KeyMap) -> dict[str, Tensor]:
    """The reference's state dict under our keys, complete.

    Args:
        state: Of the reference's network; entries that are no tensors do not count.
        network: Ours; it is not changed.
        key_map: Of the reference.

    Raises:
        ConversionError: If keys are missing, superfluous, or of another shape.
    """
    sources, own = key_map.sources(network), network.state_dict()
    state = {key: value for key, value in state.items() if isinstance(value, Tensor)}
    converted, missing, shapes = {}, [], []
    for ours, (theirs, swap_inputs) in sources.items():
        if theirs not in state:
            if ours.rsplit('.', 1)[-1] in key_map.optional:
                converted[ours] = own[ours]
            else:
                missing.append(theirs)
            continue
        value = state[theirs]
        if value.shape == (1, *own[ours].shape):  # a vector that the reference keeps as a matrix of one row
            value = value[0]
        if value.shape != own[ours].shape:
            shapes.append(f'{theirs} {tuple(value.shape)} in place of {tuple(own[ours].shape)}')
        value = torch.cat(value.chunk(2)[::-1]) if swap_inputs else value
        converted[ours] = value.to(own[ours].dtype)
    used = {source.key for source in sources.values()}
    unexpected = [key for key in state if key not in used and key.rsplit('.', 1)[-1] not in key_map.ignore]
    problems = [f'{len(found)} {what}: {_some(found)}' for what, found in (
        ('missing', missing), ('unexpected', unexpected), ('of another shape', shapes)) if found]
    if problems:
        raise ConversionError(f'not the weights of this {type(network).__name__} in the layout of {key_map.about}. '
                              + '; '.join(problems))
    return converted


def _some(names: list[str]) -> str:
    return ', '.join(names[:SHOWN]) + (', ...' if len(names) > SHOWN else '')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    names = sorted(path.stem for path in KEY_MAPS.glob('*.yml'))
    about = '\n'.join(f'  {name}: {KeyMap(KEY_MAPS / f"{name}.yml").about}' for name in names)
    parser = argparse.ArgumentParser(description=f'{__doc__}\nkey maps:\n{about}', epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('key_map', choices=names, help='whose weights they are')
    parser.add_argument('config', help=CONFIG_HELP)
    parser.add_argument('out', type=Path, help='checkpoint to write')
    parser.add_argument('--weights', nargs='+', required=True, metavar='NETWORK=FILE',
                        help="name of a network inside the model (as in the example) and the reference's file")
    parser.add_argument('--trust-checkpoint', action='store_true', help='load files that run code')
    return parser.parse_args(argv)


def find_network(model: nn.Module, name: str, key_map: KeyMap) -> nn.Module:
    """The submodule of that name.

    Raises:
        UsageError: If there is none, with the names that the key map has something for.
    """
    known = [path for path, module in model.named_modules()
             if any(kind.__name__ in key_map.networks for kind in type(module).__mro__)]
    if name not in known:
        raise UsageError(f'--weights: {name!r} is no network of this model that the key map {key_map.name!r} is for; '
                         f'there are {", ".join(known) or "none"}')
    return model.get_submodule(name)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    key_map = KeyMap(KEY_MAPS / f'{args.key_map}.yml')
    pairs = [entry.partition('=')[::2] for entry in args.weights]
    names = [name for name, _ in pairs]
    if not all(file for _, file in pairs) or len(set(names)) < len(names):
        raise UsageError(f'--weights: NETWORK=FILE once for each network, got {" ".join(args.weights)}')
    model = init_model(load_config(args.config))
    sources = {}
    for name, file in pairs:
        network, path = find_network(model, name, key_map), Path(file)
        state = weights_of(load_checkpoint(path, trusted=args.trust_checkpoint))
        try:
            network.load_state_dict(convert(state, network, key_map), strict=True)
        except ConversionError as error:
            raise ConversionError(f'{path}, given for {name}: {error}') from error
        sources[name] = f'{path.name} sha256:{sha256_of(path)}'
    save_checkpoint(dict(state_dict=model.state_dict(), meta=dict(converted_from=key_map.about, files=sources)),
                           args.out)
    left = untouched(model, names)
    print(f'{args.out}: {args.out.stat().st_size / 2**20:.2f} MiB'
          + (f'; left as initialised: {", ".join(left)}' if left else ''))
    return 0


def untouched(model: nn.Module, converted: Sequence[str]) -> list[str]:
    """The largest submodules with weights that have nothing to do with the converted ones."""
    left = []
    for name, module in model.named_modules():
        related = any(f'{name}.'.startswith(f'{other}.') or f'{other}.'.startswith(f'{name}.') for other in converted)
        inside = any(name.startswith(f'{other}.') for other in left)
        if name and module.state_dict() and not related and not inside:
            left.append(name)
    return left


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), CheckpointError, ConversionError, OSError)
