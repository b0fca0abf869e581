"""Trains a model."""

import argparse
import sys
import warnings
from contextlib import nullcontext
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.dist import is_main_process

from nightgen.checkpoint import (
    CheckpointError,
    UntrustedCheckpointError,
    load_checkpoint,
    trust_checkpoint,
    use_safe_loading,
)
from nightgen.engine.hooks.resume_settings import FLAG
from nightgen.engine.starting import train
from nightgen.engine.work_folder import checkpoints, newest_checkpoint, only_run
from nightgen.utils.cli import CONFIG_HELP, add_run_options, default_work_dir, load_config, run_tool
from nightgen.utils.distributed import start_distributed, stop_distributed
from nightgen.utils.errors import UsageError
from nightgen.utils.shipped import find_model, weights_path

EXAMPLES = '''examples:
  python tools/train.py configs/n2d_lpnet/nightscape_small.py --work-dir work_dirs/first
  python tools/train.py configs/n2d_lpnet/bdd100k.py --amp bf16 --accumulate 2
  python tools/train.py configs/n2d_lpnet/bdd100k.py --resume
  python tools/train.py configs/n2d_lpnet/night2day.py --cfg-options load_from=n2d_lpnet_night2day
  tools/dist_train.sh configs/n2d_lpnet/bdd100k.py 8 --auto-scale-lr
'''
PLAYERS = 'PlayerOptimWrapperConstructor'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Train a model. A flag that cannot take effect is an error.',
                                     epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help=CONFIG_HELP)
    parser.add_argument('--resume', nargs='?', const='latest', metavar='CKPT',
                        help='continue from this checkpoint; without one, from the last of the work folder; "auto": '
                             'from that if there is one, else from the start')
    parser.add_argument('--resume-with-new-schedule', action='store_true',
                        help="with --resume: learning rates, betas and schedules are the config's, not the "
                             "checkpoint's; without it, a difference is an error")
    parser.add_argument('--amp', choices=('off', 'fp16', 'bf16'), help='reduced precision of the forward passes')
    parser.add_argument('--accumulate', type=int, metavar='N', help='iterations per update of the weights')
    parser.add_argument('--auto-scale-lr', action='store_true',
                        help='scale the learning rates to the images per update, from auto_scale_lr.base_batch_size')
    parser.add_argument('--seed', type=int, help='seed of everything random; a resumed run keeps its own')
    add_run_options(parser)
    return parser.parse_args()


def set_precision_and_accumulation(cfg: Config, args: argparse.Namespace) -> None:
    """Apply ``--amp`` and ``--accumulate``, or say why they cannot take effect."""
    if args.amp is None and args.accumulate is None:
        return
    flags = ' and '.join(flag for flag, value in (('--amp', args.amp), ('--accumulate', args.accumulate))
                         if value is not None)
    constructor = cfg.get('optim_wrapper', {}).get('constructor')
    if constructor != PLAYERS:
        raise UsageError(f'{flags} set amp and accumulate of the {PLAYERS}, but the config has '
                         f'optim_wrapper.constructor={constructor!r}; use that one, or set up precision in the config')
    if args.accumulate is not None:
        if args.accumulate < 1:
            raise UsageError(f'--accumulate takes 1 or more, got {args.accumulate}')
        cfg.optim_wrapper.accumulate = args.accumulate
    if args.amp is not None:
        if args.amp == 'fp16' and not torch.cuda.is_available():
            raise UsageError('--amp fp16 needs a GPU, and torch finds none here; --amp bf16 works on a CPU')
        if args.amp == 'bf16' and torch.cuda.is_available() and not torch.cuda.is_bf16_supported():
            raise UsageError('--amp bf16: this GPU has no bfloat16; use --amp fp16')
        cfg.optim_wrapper.amp = args.amp


def set_lr_scaling(cfg: Config) -> None:
    """Switch mmengine's linear scaling on, with accumulated images counted as well."""
    base = (cfg.get('auto_scale_lr') or {}).get('base_batch_size')
    if not base:
        raise UsageError('--auto-scale-lr: the config does not say what its learning rates are for; add '
                         'auto_scale_lr=dict(base_batch_size=<images per update>)')
    if 'batch_size' not in cfg.train_dataloader:
        raise UsageError('--auto-scale-lr: train_dataloader has no batch_size to scale by')
    cfg.auto_scale_lr.enable = True
    accumulate = cfg.get('optim_wrapper', {}).get('accumulate', 1)
    cfg.auto_scale_lr.base_batch_size = base / accumulate  # mmengine knows processes and batch, not accumulation


def seed_sampler(cfg: Config) -> None:
    """Give the sampler the run's seed on every rank; mmengine gives it none under diff_rank_seed=True."""
    seed, sampler = (cfg.get('randomness') or {}).get('seed'), cfg.train_dataloader.get('sampler')
    if seed is not None and sampler is not None:
        sampler.setdefault('seed', seed)


def _checkpoint_to_resume(work_dir: str, args: argparse.Namespace) -> str | None:
    """The checkpoint that ``--resume`` means; None for ``auto`` where there is none."""
    found = checkpoints(work_dir) if args.resume in ('latest', 'auto') else [Path(args.resume)]
    listed = f'checkpoints in {work_dir}: {", ".join(sorted(p.name for p in Path(work_dir).glob("*.pth"))) or "none"}'
    if '://' in args.resume:
        return args.resume
    if args.resume == 'latest' and newest_checkpoint(work_dir) is None:
        raise UsageError(f'--resume: {work_dir} has no last_checkpoint to go on from; name a checkpoint, or use '
                         f'--resume auto to start anew where there is none; {listed}')
    for path in found:
        try:
            if args.trust_checkpoint:
                trust_checkpoint(path)
            load_checkpoint(path)
            return str(path)
        except UntrustedCheckpointError:
            raise
        except (CheckpointError, FileNotFoundError) as error:
            if args.resume != 'auto':
                raise UsageError(f'--resume: {error}; {listed}') from error
            print(f'--resume auto: {error} Going on from the one before.', file=sys.stderr)
    if found:
        raise UsageError(f'--resume auto: none of the {len(found)} checkpoints in {work_dir} can be used')
    return None


def set_resume(cfg: Config, args: argparse.Namespace) -> None:
    """Find the checkpoint to go on from."""
    if args.resume is None:
        if args.resume_with_new_schedule:
            raise UsageError(f'{FLAG} goes with --resume')
        return
    if args.resume_with_new_schedule:
        hook = (cfg.get('default_hooks') or {}).get('checkpoint') or {}
        if str(hook.get('type')).split('.')[-1] != 'ResumableCheckpointHook':
            raise UsageError(f'{FLAG} needs default_hooks.checkpoint of type ResumableCheckpointHook')
        cfg.default_hooks.checkpoint.new_schedule = True
    checkpoint = _checkpoint_to_resume(cfg.work_dir, args)
    if checkpoint is None:
        return
    if args.seed is not None:
        seed = load_checkpoint(checkpoint).get('meta', {}).get('seed')
        if seed != args.seed:
            raise UsageError(f'--seed {args.seed} with --resume: a resumed run keeps the seed of its checkpoint, '
                             f'{seed}; leave --seed out')
    cfg.resume, cfg.load_from = True, checkpoint


def set_load_from(cfg: Config) -> None:
    """Where ``load_from`` names a shipped model, take its weights.

    Raises:
        UsageError: It is shipped without weights.
    """
    name = cfg.get('load_from')
    if name and '://' not in name and not Path(name).exists() and find_model(name):
        try:
            cfg.load_from = weights_path(name)
        except FileNotFoundError as error:
            raise UsageError(f'load_from={name}: {error}') from error


def configure(args: argparse.Namespace) -> Config:
    """The config of the run that the command line asks for.

    Raises:
        UsageError: For a flag that cannot take effect.
    """
    cfg = load_config(args.config, args.cfg_options)
    cfg.work_dir = default_work_dir(cfg, args.config, args.work_dir)
    for part in ('model', 'train_dataloader', 'train_cfg', 'optim_wrapper'):
        if not cfg.get(part):
            raise UsageError(f'config {args.config} has no {part}: it is not a config to train with')
    set_precision_and_accumulation(cfg, args)
    if args.auto_scale_lr:
        set_lr_scaling(cfg)
    if args.seed is not None:
        cfg.randomness = {**(cfg.get('randomness') or {}), 'seed': args.seed}
    seed_sampler(cfg)
    set_load_from(cfg)
    set_resume(cfg, args)
    if args.trust_checkpoint:
        if not cfg.get('load_from'):
            raise UsageError('--trust-checkpoint: there is no checkpoint to trust; it goes with --resume or load_from')
        trust_checkpoint(cfg.load_from)
    return cfg


def main() -> None:
    args = parse_args()
    cfg = configure(args)
    use_safe_loading()
    if cfg.optim_wrapper.get('accumulate', 1) > 1:  # schedules count iterations, also those without an update
        warnings.filterwarnings('ignore', message='Detected call of `scheduler.step')
    start_distributed(cfg, args.launcher)
    try:
        with only_run(cfg.work_dir) if is_main_process() else nullcontext():
            train(cfg)
    finally:
        stop_distributed()


if __name__ == '__main__':
    run_tool(main, CheckpointError)
