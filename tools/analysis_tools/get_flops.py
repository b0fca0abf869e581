"""Counts the parameters and multiply-adds of the path that translates: the generator of the default direction.

    python tools/analysis_tools/get_flops.py configs/n2d_lpnet/bdd100k.py --shape 720 1280 --json

Counted by torch.utils.flop_counter: convolutions and matrix products, fixed filters included; resizes, norms and
activations are not. Nothing is computed: the network is run on tensors without data, what it takes by name beside the
picture (a label map, say) included.
"""

import argparse
import copy
import json

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from nightgen.registry import MODELS
from nightgen.utils.cli import CONFIG_HELP, ConfigOptions, UsageError, load_config, run_tool

DEFAULT_SHAPE = (3, 720, 1280)


def input_shape(cfg: Config, given: list[int] | None) -> tuple[int, int, int]:
    """(C, H, W): the option, else the config's ``inference_shape`` (H, W or C, H, W), else a 720p colour image.

    Raises:
        UsageError: For a shape that is not of positive numbers, or not two or three of them.
    """
    configured = tuple(cfg.get('inference_shape') or DEFAULT_SHAPE)
    shape = configured if given is None else tuple(given)
    if len(shape) not in (2, 3) or min(shape) < 1:
        raise UsageError(f'a shape is H W (or C, H, W in a config), all positive; got {shape}')
    channels = configured[0] if len(configured) == 3 else DEFAULT_SHAPE[0]
    return shape if len(shape) == 3 else (channels, *shape)


def count_flops(network: nn.Module, shape: tuple[int, int, int], named: dict[str, Tensor] | None = None) -> int:
    """Multiply-adds of one forward pass on a picture (C, H, W) and the inputs that the network takes by name."""
    network = copy.deepcopy(network).to('meta').eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.empty(1, *shape, device='meta'), **(named or {}))
    return counter.get_total_flops() // 2


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help=CONFIG_HELP)
    parser.add_argument('--shape', type=int, nargs=2, metavar=('H', 'W'),
                        help="default: the config's inference_shape, else 720 1280")
    parser.add_argument('--json', action='store_true', help='print one JSON object and nothing else')
    parser.add_argument('--cfg-options', nargs='+', action=ConfigOptions,
                        help='settings in place of those of the config')
    args = parser.parse_args(arguments)
    cfg = load_config(args.config, args.cfg_options)
    shape = input_shape(cfg, args.shape)
    init_default_scope(cfg.get('default_scope', 'nightgen'))
    model = MODELS.build(cfg.model)
    network, (_, named) = model.inference_network(), model.example_inputs(shape[1:], device='meta')
    params = sum(parameter.numel() for parameter in network.parameters())
    flops = count_flops(network, shape, named)
    if args.json:
        print(json.dumps(dict(params=params, flops=flops, shape=list(shape))))
    else:
        print(f'{type(network).__name__} of {args.config}\ninput       {" x ".join(map(str, shape))}\n'
              f'{"".join(f"{name:<11} {tuple(value.shape)}" + chr(10) for name, value in named.items())}'
              f'parameters  {params:,}\nflops       {flops:,} multiply-adds ({flops / 1e9:.2f} G)')


if __name__ == '__main__':
    run_tool(main, OSError, ValueError, KeyError)
