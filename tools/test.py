"""Tests a checkpoint: a metric table, metrics.json and the translations."""

import argparse
import hashlib
import json
import math
import os
import sys
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from nightgen.checkpoint import CheckpointError, load_checkpoint, load_weights, model_config_for, use_safe_loading
from nightgen.engine.hooks import TranslationTimeHook
from nightgen.engine.runner import ShortLogRunner
from nightgen.engine.starting import settings_explained
from nightgen.evaluation import metric_details, metric_table
from nightgen.utils.cli import CONFIG_HELP, UsageError, add_run_options, default_work_dir, load_config, run_tool
from nightgen.utils.distributed import start_distributed, stop_distributed
from nightgen.utils.files import write_text
from nightgen.utils.shipped import weights_path

EXAMPLES = '''example:
  python tools/test.py configs/n2d_lpnet/nightscape_small.py work_dirs/nightscape_small/iter_400.pth --out-dir results
'''


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Translate the test set with a checkpoint; print the metrics of the model and of the baselines '
                    'that the config lists, and write metrics.json, an image grid and every translation.',
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help=CONFIG_HELP)
    parser.add_argument('checkpoint', nargs='?', help='checkpoint of the model that the config builds; a model that is '
                        'shipped with weights needs none')
    parser.add_argument('--out-dir', help='where results go; default <work folder>/test_<checkpoint>')
    parser.add_argument('--live-weights', action='store_true',
                        help='test the weights as trained, though the checkpoint has averaged ones')
    parser.add_argument('--skip-broken', action='store_true',
                        help='leave out images that cannot be read, name and count them; without it they are an error')
    parser.add_argument('--tta', choices=('none', 'flip'), default='none',
                        help='test-time augmentation; "flip": the mean of the translations of an image and of its '
                             'mirror image, mirrored back')
    parser.add_argument('--show', action='store_true',
                        help='show source, translation and truth of each image in a window')
    parser.add_argument('--wait-time', type=float, metavar='SECONDS',
                        help='with --show: how long an image stays; default until a key is pressed')
    add_run_options(parser)
    args = parser.parse_args()
    args.checkpoint = weights_path(args.config, args.checkpoint)
    return args


def configure(args: argparse.Namespace) -> Config:
    """The config of the test that the command line asks for."""
    cfg = load_config(args.config, args.cfg_options)
    cfg.work_dir = default_work_dir(cfg, args.config, args.work_dir)
    for part in ('test_dataloader', 'test_cfg', 'test_evaluator'):
        if not cfg.get(part):
            raise UsageError(f'config {args.config} has no {part}: there is nothing to test on')
    if args.wait_time is not None and not args.show:
        raise UsageError('--wait-time would do nothing without --show')
    if args.show and sys.platform == 'linux' and not {'DISPLAY', 'WAYLAND_DISPLAY'} & set(os.environ):
        raise UsageError('--show needs a display, and there is none here (DISPLAY is not set); without --show the '
                         'images are written to files')
    cfg.load_from, cfg.resume = None, False  # the checkpoint is loaded here, all of it or not at all
    if args.skip_broken:
        if cfg.test_dataloader.dataset.get('type') not in ('SingleDomainDataset', 'ColorizationDataset'):
            raise UsageError("--skip-broken works on test_dataloader.dataset=dict(type='SingleDomainDataset', ...) or "
                             f'ColorizationDataset, got {cfg.test_dataloader.dataset.get("type")!r}')
        cfg.test_dataloader.dataset.on_broken = 'skip'
    return cfg


def add_hooks(cfg: Config, out_dir: Path, args: argparse.Namespace) -> None:
    """Have the translations and a grid of some written, and each shown if that is asked for."""
    hooks = cfg.setdefault('default_hooks', {})
    pictures = dict(hooks.get('pictures') or dict(type='PictureGridHook'), out_file=str(out_dir / 'grid.png'))
    cfg.default_hooks = {**hooks, 'pictures': pictures}
    cfg.custom_hooks = [*(cfg.get('custom_hooks') or []), dict(type='ProgressHook'), dict(type='TranslationTimeHook'),
                        dict(type='SaveTranslationsHook', out_dir=str(out_dir / 'images'))]
    if args.show:
        cfg.custom_hooks.append(dict(type='ShowTranslationsHook', wait_time=args.wait_time or 0))


def model_name(cfg: Config) -> str:
    """What the model's row is called: its generator's type."""
    generator = cfg.model.get('generator') or {}
    return generator.get('type') or cfg.model.type


def seconds_per_image(runner: Runner) -> float | None:
    """Of this process; None where there was too little to measure."""
    seconds, = (hook.seconds_per_image for hook in runner.hooks if isinstance(hook, TranslationTimeHook))
    return seconds if math.isfinite(seconds) else None


def report(args: argparse.Namespace, cfg: Config, runner: Runner, checkpoint: dict, metrics: dict) -> dict:
    """Content of metrics.json."""
    rows: dict[str, dict] = {}
    for key, value in metrics.items():
        row, _, column = key.rpartition('/')
        value = float(value)
        rows.setdefault(row or model_name(cfg), {})[column] = value if math.isfinite(value) else str(value)
    dataset = runner.test_dataloader.dataset
    about = getattr(dataset, 'metainfo', None) or {}
    skipped = list(about.get('skipped', ()))
    averaged = bool(checkpoint.get('ema')) and not args.live_weights
    return dict(config=args.config, checkpoint=args.checkpoint,
                sha256=hashlib.sha256(Path(args.checkpoint).read_bytes()).hexdigest(),
                iteration=checkpoint.get('meta', {}).get('iter'), weights='averaged' if averaged else 'live',
                data=about.get('data_name'), tta=args.tta, images=len(dataset), skipped=skipped,
                seconds_per_image=seconds_per_image(runner), metrics=rows,
                details=metric_details(runner.test_evaluator.metrics))


def main() -> None:
    args = parse_args()
    cfg = configure(args)
    out_dir = Path(args.out_dir or Path(cfg.work_dir) / f'test_{Path(args.checkpoint).stem}')
    out_dir.mkdir(parents=True, exist_ok=True)
    add_hooks(cfg, out_dir, args)
    use_safe_loading()
    checkpoint = load_checkpoint(args.checkpoint, trusted=args.trust_checkpoint)
    cfg.model = model_config_for(checkpoint, cfg.model)
    start_distributed(cfg, args.launcher)
    try:
        with settings_explained(cfg):
            runner = ShortLogRunner.from_cfg(cfg)
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        load_weights(model, checkpoint, use_ema=not args.live_weights)
        model.test_time_flip = args.tta == 'flip'
        metrics = runner.test()
        if is_main_process():
            results = report(args, cfg, runner, checkpoint, metrics)
            write_text(out_dir / 'metrics.json', json.dumps(results, indent=2) + '\n')
            flipped = ', each with its mirror image' if args.tta == 'flip' else ''
            print(f'\n{results["images"]} images{flipped}, {results["weights"]} weights of {args.checkpoint}')
            if results['seconds_per_image'] is not None:
                print(f'{results["seconds_per_image"]:.4f} s to translate an image (median over batches of '
                      f'{runner.test_dataloader.batch_size or 1}, {torch.get_num_threads()} threads)')
            if results['skipped']:
                print(f'{len(results["skipped"])} images could not be read and were left out: {results["skipped"][:5]}')
            print(f'\n{metric_table(metrics, model_name(cfg), results["data"] or "")}\n')
            print(f'written to {out_dir}: metrics.json, grid.png, images/')
    finally:
        stop_distributed()


if __name__ == '__main__':
    run_tool(main, CheckpointError, FileNotFoundError)
