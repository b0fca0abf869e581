"""Times translation, training, data loading and metrics of a config.

    python tools/analysis_tools/benchmark.py inference configs/n2d_lpnet/bdd100k.py --threads 2
    python tools/analysis_tools/benchmark.py training configs/n2d_lpnet/nightscape.py --iters 20
    python tools/analysis_tools/benchmark.py training configs/cyclegan/flir.py --forms --shape 256 256 --iters 5
    python tools/analysis_tools/benchmark.py training configs/morngan/flir.py --forms plain --at 40 --iters 5
    python tools/analysis_tools/benchmark.py dataloader configs/n2d_lpnet/nightscape.py --json
    python tools/analysis_tools/benchmark.py metrics configs/n2d_lpnet/nightscape.py --shape 288 360 --only APCE
    python tools/analysis_tools/benchmark.py stroke configs/semantic_colorization/pascal_context.py --shape 352 352

inference: the config's generator in all its forms beside a plain one (CycleGAN's 9-block ResNet generator, eager, NCHW,
fp32, or another config's), timed in turn in one process; batch 1. Differences are to the eager fp32 form of the same
network, in grey levels of 255; a form that the processor lacks is left out by name. training: the config's own run with
its data and hooks, without validation, pictures and checkpoints; or with --forms training steps on made pictures in
several forms, each with one thing more than the one before it: plain, fused optimizers, channels-last, bf16; --at an
epoch of the schedule, for what a stage costs.
dataloader: the training data loader alone. metrics: each of the test_evaluator, on made pictures.
stroke: from a stroke on a semantic colorizer's label map to the new picture, as the page does it, in fp32 and, where
the processor has it, bf16.
"""

import argparse
import copy
import json
import os
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from torch import Tensor, nn

from nightgen.apis import init_model
from nightgen.apis.stroke_timing import time_strokes
from nightgen.checkpoint import CheckpointError, use_safe_loading
from nightgen.engine.timing import FORMS, StepClock, time_forms
from nightgen.evaluation.timing import made_samples, time_metric
from nightgen.models.backbones import ResNetGenerator, n2d_lpnet_inference
from nightgen.models.translators import SemanticColorizationTranslator
from nightgen.structures.label_sets import read_labels
from nightgen.utils.cli import CONFIG_HELP, ConfigOptions, UsageError, load_config, run_tool
from nightgen.utils.devices import chosen_device
from nightgen.utils.images import image_to_tensor, read_image
from nightgen.utils.timing import stopwatch

GREY_LEVELS = 127.5  # of 255, for one unit of [-1, 1]
BLOCK_SECONDS = 0.3  # a fast network is run several times in its turn, up to this long
DEFAULT_SHAPE = (720, 1280)


def load_average() -> float | None:
    """Processes that wanted a core in the last minute, where the system tells."""
    return round(os.getloadavg()[0], 2) if hasattr(os, 'getloadavg') else None


# inference

def dark_frame(height: int, width: int) -> Tensor:
    """A night street in [-1, 1], 1,3,H,W: near black, a pale sky, lamps with halos, noise. Always the same."""
    generator = torch.Generator().manual_seed(0)
    rows, columns = torch.linspace(0, 1, height)[:, None], torch.linspace(0, 1, width)
    image = 0.03 + 0.05 * (1 - rows) + 0.012 * torch.randn(3, height, width, generator=generator)
    for row, column, size in torch.rand(24, 3, generator=generator).tolist():
        halo = torch.exp(-((rows - row) ** 2 + (columns - column) ** 2 * 3) / (2e-5 + 4e-3 * size ** 3))
        image = image + 0.9 * halo * torch.tensor([1.0, 0.8, 0.5])[:, None, None]
    return image.clamp(0, 1).mul(2).sub(1)[None]


def input_image(args: argparse.Namespace, cfg: Config) -> Tensor:
    """The image to translate: ``--image`` (resized where a shape is given) or a made dark frame."""
    if args.image is None:
        return dark_frame(*(args.shape or tuple(cfg.get('inference_shape') or DEFAULT_SHAPE)[-2:]))
    picture = read_image(args.image)
    if args.shape:
        picture = cv2.resize(picture, tuple(args.shape[::-1]), interpolation=cv2.INTER_AREA)
    tensor = image_to_tensor(picture)
    return (tensor.double() / torch.iinfo(tensor.dtype).max * 2 - 1).float()[None]


def forms(name: str, network: nn.Module) -> dict[str, Callable]:
    """A network in its forms, the eager NCHW fp32 one first; each is called as the network is."""
    rows: dict[str, Callable] = {f'{name} eager fp32': network}
    if hasattr(network, 'to_inference'):
        dtypes = {f'{name} fast fp32': torch.float32, f'{name} fast bf16': torch.bfloat16}
        return {**rows, **{label: network.to_inference(dtype) for label, dtype in dtypes.items()
                           if label not in forms_left_out(name, network)}}
    other = copy.deepcopy(network).to(memory_format=torch.channels_last)
    half = copy.deepcopy(other).to(torch.bfloat16)

    def channels_last(x: Tensor, **named: Tensor) -> Tensor:
        return other(x.contiguous(memory_format=torch.channels_last), **named)

    def channels_last_bf16(x: Tensor, **named: Tensor) -> Tensor:
        named = {key: value.bfloat16() if value.is_floating_point() else value for key, value in named.items()}
        return half(x.to(torch.bfloat16, memory_format=torch.channels_last), **named).float()

    return {**rows, f'{name} channels-last fp32': channels_last, f'{name} channels-last bf16': channels_last_bf16}


def forms_left_out(name: str, network: nn.Module) -> list[str]:
    """The forms that this processor does not have."""
    on_cpu = next(network.parameters()).device.type == 'cpu'
    lacking = hasattr(network, 'to_inference') and on_cpu and not n2d_lpnet_inference.bf16_convolutions()
    return [f'{name} fast bf16'] if lacking else []


def time_in_turn(rows: dict[str, Callable], rounds: int) -> dict[str, list[float]]:
    """Seconds of every call. In each round every row has its turn, several calls long if they are fast."""
    calls = {name: max(1, min(10, round(BLOCK_SECONDS / stopwatch(row)[0]))) for name, row in rows.items()}
    seconds: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(rounds):
        for name, row in rows.items():
            seconds[name] += [stopwatch(row)[0] for _ in range(calls[name])]
    return seconds


def baseline_network(against: str, device: str, image: Tensor) -> tuple[str, nn.Module, dict[str, Tensor]]:
    """What the ratios are to: name, network and named inputs of the ResNet generator, or of another config's."""
    if against != 'resnet':
        model = init_model(against, device=device)
        network = model.inference_network()
        return (f'{type(network).__name__} ({Path(against).stem})', network,
                model.example_inputs(tuple(image.shape[-2:]), device=device)[1])
    network = ResNetGenerator(in_channels=image.shape[1], init_cfg=None)
    for parameter in network.parameters():  # CycleGAN's initialisation
        torch.nn.init.normal_(parameter, std=0.02)
    return 'ResNet', network.to(device).eval(), {}


@torch.no_grad()
def inference(args: argparse.Namespace, cfg: Config) -> dict:
    """The rows of the inference table."""
    torch.manual_seed(0)
    image = input_image(args, cfg).to(args.device)
    model = init_model(cfg, args.checkpoint, args.device)
    network, (_, named) = model.inference_network(), model.example_inputs(tuple(image.shape[-2:]), device=args.device)
    if model.input_channels == 1:  # a colorizer's luma
        image = image.mean(1, keepdim=True)
    name = type(network).__name__
    groups = [baseline_network(args.against, args.device, image), (name, network, named)]
    rows, differences, left_out = {}, {}, []
    for name, network, beside in groups:
        reference = None
        left_out += forms_left_out(name, network)
        for label, row in forms(name, network).items():
            out = row(image, **beside)
            reference = out if reference is None else reference
            error = (out - reference).abs() * GREY_LEVELS
            differences[label] = dict(largest_difference=error.max().item(), mean_difference=error.mean().item())
            rows[label] = partial(row, image, **beside)
    load = load_average()
    seconds = time_in_turn(rows, args.repeats)
    base = statistics.median(next(iter(seconds.values())))
    table = [dict(name=label, seconds=statistics.median(taken), fastest=min(taken), slowest=max(taken),
                  calls=len(taken), ratio=base / statistics.median(taken), **differences[label])
             for label, taken in seconds.items()]
    return dict(shape=list(image.shape[1:]), threads=torch.get_num_threads(), device=args.device,
                checkpoint=args.checkpoint, load_before=load, load_after=load_average(), rows=table, left_out=left_out)


def print_inference(result: dict) -> None:
    print(f'{" x ".join(map(str, result["shape"]))}, batch 1, {result["threads"]} threads, {result["device"]}, '
          f'load {result["load_before"]} before and {result["load_after"]} after; grey levels of 255')
    width = max(len(row['name']) for row in result['rows'])
    print(f'{"":{width}}  median s  fastest  slowest  calls   ratio  largest diff.  mean diff.')
    for row in result['rows']:
        print(f'{row["name"]:{width}}  {row["seconds"]:8.4f}  {row["fastest"]:7.4f}  {row["slowest"]:7.4f}  '
              f'{row["calls"]:5d}  {row["ratio"]:6.2f}  {row["largest_difference"]:13.5f}  '
              f'{row["mean_difference"]:10.5f}')
    for name in result['left_out']:
        print(f'{name:{width}}  left out: this processor, or this build of torch, has no bf16 convolutions')


# training

def training(args: argparse.Namespace, cfg: Config) -> dict:
    """A short run of the config in a temporary work folder, or with ``--forms`` steps of several forms in turn."""
    if args.forms is not None:
        return training_forms(args, cfg)
    if not cfg.get('train_dataloader'):
        raise UsageError(f'{args.config} has no train_dataloader: it is not a config to train with')
    loop = 'ResumableTrainLoop' if 'max_epochs' in cfg.train_cfg else cfg.train_cfg.type  # iterations are timed
    cfg.train_cfg = dict(type=loop, max_iters=args.warmup + args.iters, val_interval=10 ** 9)
    for part in ('val_dataloader', 'val_cfg', 'val_evaluator', 'test_dataloader', 'test_cfg', 'test_evaluator'):
        cfg[part] = None
    hooks = {name: hook for name, hook in (cfg.get('default_hooks') or {}).items() if name != 'pictures'}
    cfg.default_hooks = {**hooks, 'checkpoint': None}
    cfg.param_scheduler = None  # a schedule belongs to the whole run
    cfg.log_level, cfg.load_from, cfg.resume = 'ERROR', args.checkpoint, False
    use_safe_loading()
    clock = StepClock(args.warmup)
    with tempfile.TemporaryDirectory() as folder:
        cfg.work_dir = folder
        runner = Runner.from_cfg(cfg)
        clock.attach(runner)
        runner.train()
        batch_size = runner.train_dataloader.batch_size or runner.train_dataloader.batch_sampler.batch_size
    return dict(**clock.summary(batch_size), threads=torch.get_num_threads(), load_after=load_average())


def training_forms(args: argparse.Namespace, cfg: Config) -> dict:
    """Training steps of the config in several forms, on made pictures."""
    shape, batch_size, device = tuple(args.shape or (256, 256)), args.batch_size or 1, args.device or 'cpu'
    before = load_average()
    rows = time_forms(cfg, args.forms or FORMS, shape, batch_size, args.warmup, args.iters, device, args.at)
    return dict(shape=list(shape), batch_size=batch_size, threads=torch.get_num_threads(), device=device,
                load_before=before, load_after=load_average(), rows=rows)


def print_training(result: dict) -> None:
    if 'rows' in result:
        print(f'{result["shape"][0]}x{result["shape"][1]}, batch {result["batch_size"]}, {result["threads"]} threads, '
              f'{result["device"]}, load {result["load_before"]} before and {result["load_after"]} after; median s')
        print(f'{"":14}  forward  backward  optimizer    total   ratio  processor   ratio')
        for row in result['rows']:
            seconds = row['seconds']
            print(f'{row["form"]:14} {seconds["forward"]:8.4f}  {seconds["backward"]:8.4f}  '
                  f'{seconds["optimizer"]:9.4f} {seconds["total"]:8.4f}  {row["ratio"]:6.2f}  '
                  f'{row["cpu_seconds"]:9.4f}  {row["cpu_ratio"]:6.2f}')
        return
    print(f'{result["images_per_second"]:.2f} images of each domain a second (batch {result["batch_size"]}, '
          f'{result["iterations"]} iterations, {result["threads"]} threads, load {result["load_after"]}); '
          f'waiting for data {100 * result["data_share"]:.1f} % of the time')
    for phase in ('data', 'forward', 'backward', 'optimizer', 'hooks', 'total'):
        print(f'{phase:10} {1000 * result["seconds"][phase]:9.2f} ms an iteration (median)')


# data loader

def dataloader(args: argparse.Namespace, cfg: Config) -> dict:
    """The training data loader with nothing behind it."""
    if not cfg.get('train_dataloader'):
        raise UsageError(f'{args.config} has no train_dataloader')
    init_default_scope(cfg.get('default_scope', 'nightgen'))
    loader = Runner.build_dataloader(cfg.train_dataloader, seed=0)
    times, images, batches = [], 0, iter(loader)
    try:
        while len(times) < args.warmup + args.iters:
            seconds, batch = stopwatch(next, batches, None)
            if batch is None:  # a sampler that ends
                if not times:
                    raise UsageError('the training data loader gives no batch: fewer samples than one, with drop_last?')
                batches = iter(loader)
                continue
            times.append(seconds)
            images = len(batch['data_samples'])
    finally:
        loader._iterator = None  # ends persistent workers now
    kept = times[args.warmup:]
    return dict(images_per_second=images * len(kept) / sum(kept), batch_size=images, batches=len(kept),
                workers=loader.num_workers, median_seconds=statistics.median(kept), load_after=load_average())


def print_dataloader(result: dict) -> None:
    print(f'{result["images_per_second"]:.1f} images of each domain a second from {result["workers"]} workers (batch '
          f'{result["batch_size"]}, {result["batches"]} batches, median {1000 * result["median_seconds"]:.1f} ms, '
          f'load {result["load_after"]})')


# metrics

def metrics(args: argparse.Namespace, cfg: Config) -> dict:
    """Each metric of the test evaluator, one after the other, on the same pictures.

    The rows above the model are left out: they are the same metrics again, on pictures that are not made here.
    """
    init_default_scope('nightgen')
    found = cfg.get('test_evaluator') or []
    configs = [dict(config) for config in (found if isinstance(found, (list, tuple)) else [found])]
    configs = [config for config in configs if config['type'] != 'BaselineTable']
    if args.only:
        configs = [config for config in configs if config['type'] in args.only]
        configs += [dict(type=name) for name in args.only if name not in [config['type'] for config in configs]]
    if not configs:
        raise UsageError(f'{args.config} has no test_evaluator')
    height, width = args.shape or (288, 360)
    samples, meta = made_samples(args.iters, height, width), dict(data_root=cfg.get('data_root'))
    return dict(shape=[height, width], threads=torch.get_num_threads(), load_before=load_average(),
                rows=[time_metric(config, samples, args.batch_size, meta) for config in configs])


def print_metrics(result: dict) -> None:
    print(f'{result["shape"][0]}x{result["shape"][1]}, {result["threads"]} threads, load {result["load_before"]}')
    for row in result['rows']:
        print(f'{row["metric"]:28} {row["milliseconds"]:9.2f} ms an image (median; mean '
              f'{row["mean_milliseconds"]:.2f}; processor {row["cpu_milliseconds"]:.2f}), '
              f'{row["finish_seconds"]:.2f} s at the end of {row["pictures"]}')


# stroke

def stroke(args: argparse.Namespace, cfg: Config) -> dict:
    """The rows of :func:`nightgen.apis.stroke_timing.time_strokes`; of a made photo and map where none is given."""
    torch.manual_seed(0)
    model = init_model(cfg, args.checkpoint, args.device)
    if not isinstance(model, SemanticColorizationTranslator):
        raise UsageError(f'{args.config}: a stroke edits a label map, and {type(model).__name__} takes none')
    size = tuple(args.shape or model.photo_size)
    photo = read_image(args.image) if args.image else made_samples(1)[0]['truth'].permute(1, 2, 0).numpy()
    label = None if not args.label else read_labels(read_image(args.label, 'label'), model.label_set.name, args.label)
    load = load_average()
    half = args.device != 'cpu' or n2d_lpnet_inference.bf16_convolutions()
    rows = time_strokes(model, photo, label, ('fp32', 'bf16') if half else ('fp32',), size, args.repeats)
    return dict(shape=list(size), photo=list(photo.shape[:2]), threads=torch.get_num_threads(), device=args.device,
                checkpoint=args.checkpoint, load_before=load, load_after=load_average(), rows=rows)


def print_stroke(result: dict) -> None:
    print(f'network at {result["shape"][0]} x {result["shape"][1]}, photo {result["photo"][0]} x {result["photo"][1]}, '
          f'{result["threads"]} threads, {result["device"]}, load {result["load_before"]} before and '
          f'{result["load_after"]} after; grey levels of 255')
    for row in result['rows']:
        print(f'{row["precision"]}: {row["seconds"]:.3f} s from stroke to image (median; {row["fastest"]:.3f} to '
              f'{row["slowest"]:.3f}; processor {row["cpu_seconds"]:.3f}), at most {row["largest_difference"]} and on '
              f'average {row["mean_difference"]:.3f} levels from the first')


COMMANDS = dict(inference=(inference, print_inference), training=(training, print_training),
                dataloader=(dataloader, print_dataloader), metrics=(metrics, print_metrics),
                stroke=(stroke, print_stroke))


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest='command', required=True, metavar='{' + ','.join(COMMANDS) + '}')
    for name in COMMANDS:
        command = commands.add_parser(name, help=f'time {name}')
        command.add_argument('config', help=CONFIG_HELP)
        command.add_argument('--threads', type=int, help="threads of torch and OpenCV (default: 2 for "
                             "inference and stroke, else torch's)")
        command.add_argument('--json', action='store_true', help='print one JSON object and nothing else')
        command.add_argument('--cfg-options', nargs='+', action=ConfigOptions, help='changes: key=value ...')
        if name in ('inference', 'training', 'stroke'):
            command.add_argument('--checkpoint', help='weights; default: as when training starts')
        if name == 'stroke':
            command.add_argument('--label', help="the photo's label map; by default nothing is labelled")
        if name in ('inference', 'stroke'):
            command.add_argument('--shape', type=int, nargs=2, metavar=('H', 'W'), help=(
                "default: the image's, the config's inference_shape, or 720 1280; for a stroke the model's photo_size"))
            command.add_argument('--image', help='the image to translate; default: a made-up one')
            command.add_argument('--repeats', type=int, default=5, help='how often each row is timed, in turn')
            command.add_argument('--device', default='cpu')
        if name == 'inference':
            command.add_argument('--against', default='resnet', metavar='CONFIG',
                                 help='what to compare with: resnet or a config')
        elif name != 'stroke':
            command.add_argument('--iters', type=int, default=30, help='iterations (for metrics: images) to time')
        if name in ('training', 'dataloader'):
            command.add_argument('--warmup', type=int, default=5, help='iterations before them, not timed')
        if name == 'training':
            command.add_argument('--forms', nargs='*', choices=FORMS, help='compare these forms; default: all')
            command.add_argument('--shape', type=int, nargs=2, metavar=('H', 'W'), help='with --forms; default 256 256')
            command.add_argument('--batch-size', type=int, help='with --forms; default 1')
            command.add_argument('--device', help='with --forms; default cpu')
            command.add_argument('--at', type=int, metavar='N', help='with --forms; epoch (or iteration, where the '
                                 'schedule counts those) whose terms are on; default: where the last one begins')
        if name == 'metrics':
            command.add_argument('--shape', type=int, nargs=2, metavar=('H', 'W'), help='default 288 360')
            command.add_argument('--only', nargs='+', metavar='TYPE', help='types of metrics (APCE ...); default: all')
            command.add_argument('--batch-size', type=int, default=8)
    args = parser.parse_args(arguments)
    if args.command == 'training' and args.forms is None:
        idle = [f'--{name.replace("_", "-")}' for name in ('shape', 'batch_size', 'device', 'at')
                if getattr(args, name) is not None]
        if idle:
            parser.error(f'{" and ".join(idle)} go with --forms: a run takes its images and device from the config')
    for option in ('threads', 'repeats', 'iters', 'batch_size'):
        value = getattr(args, option, None)
        if value is not None and value < 1:
            parser.error(f'--{option.replace("_", "-")} must be at least 1')
    return args


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    cfg = load_config(args.config, args.cfg_options)
    if getattr(args, 'device', None):
        chosen_device(args.device)
    threads = args.threads or (2 if args.command in ('inference', 'stroke') else None)
    if threads:
        torch.set_num_threads(threads)
        cv2.setNumThreads(threads)
    measure, show = COMMANDS[args.command]
    result = measure(args, cfg)
    if args.json:
        print(json.dumps(result))
    else:
        show(result)


if __name__ == '__main__':
    run_tool(main, OSError, ValueError, CheckpointError)
