"""Makes a checkpoint small for publishing: weights and what is known about the model, nothing of the training."""

import argparse
import sys
from pathlib import Path

from nightgen.checkpoint import (
    INFERENCE_ONLY,
    WEIGHTS_OF_TRAINING,
    CheckpointError,
    load_checkpoint,
    save_checkpoint,
    weights_of,
)
from nightgen.models.experts.building import sha256_of
from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.plain import to_plain

EXAMPLE = '''example:
  python tools/model_converters/publish_model.py work_dirs/nightscape_segmentor/iter_1000.pth \\
      configs/experts/nightscape_segmentor.pth --half
  python tools/model_converters/publish_model.py work_dirs/night2day/iter_2000.pth small.pth --inference'''
KEPT = ('dataset_meta', 'epoch', 'iter', 'seed', 'experiment_name', 'mmengine_version')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('checkpoint', type=Path)
    parser.add_argument('out', type=Path, help='file to write')
    parser.add_argument('--half', action='store_true', help='store floating point weights in 16 bit')
    parser.add_argument('--inference', action='store_true',
                        help='leave out the discriminators; the file is for translating, testing and fine-tuning, '
                             'where new discriminators start')
    parser.add_argument('--no-ema', action='store_true', help='take the weights as trained, not the averaged ones')
    parser.add_argument('--trust-checkpoint', action='store_true', help='load a checkpoint that runs code')
    return parser.parse_args(argv)


def publish(checkpoint: dict, half: bool = False, use_ema: bool = True, inference: bool = False) -> dict:
    """The part of a checkpoint that is published: ``state_dict``, and of ``meta`` what describes the model.

    Args:
        checkpoint: As loaded.
        half: Weights in float16; networks load them as usual.
        use_ema: Take averaged weights where there are any.
        inference: Without the discriminators' weights, and marked so.
    """
    state = weights_of(checkpoint, use_ema)
    if half:
        state = {key: value.half() if value.is_floating_point() else value for key, value in state.items()}
    meta = checkpoint.get('meta') or {}
    meta = {key: meta[key] for key in KEPT if key in meta}
    if inference:
        meta[INFERENCE_ONLY] = True
        state = {key: value for key, value in state.items() if not key.startswith(WEIGHTS_OF_TRAINING)}
    return dict(meta=to_plain(meta),
                state_dict={key: value.detach().cpu().clone() for key, value in state.items()})


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    if args.out.exists() and args.out.samefile(args.checkpoint):
        raise UsageError(f'{args.out} is the checkpoint itself; give another name')
    content = publish(load_checkpoint(args.checkpoint, trusted=args.trust_checkpoint), args.half,
                      not args.no_ema, args.inference)
    save_checkpoint(content, args.out)
    print(f'{args.out}: {args.out.stat().st_size / 2**20:.2f} MiB, sha256 {sha256_of(args.out)}')
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), CheckpointError, OSError)
