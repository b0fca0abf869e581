"""Translates a picture, a folder of pictures or a video with a trained model, at native size."""

import argparse
import sys
from pathlib import Path

import numpy as np

from nightgen.apis.files import check_targets, find_pictures, output_name, read_beside, write_picture
from nightgen.apis.video import VIDEO_CODES, BrokenVideoError, VideoReader, translate_video
from nightgen.checkpoint import CheckpointError
from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.images import IMAGE_EXTENSIONS, BrokenImageError, read_image
from nightgen.utils.progress import ProgressBar

EXAMPLE = """example:
  python tools/translate.py configs/n2d_lpnet/nightscape_small.py work_dirs/nightscape_small/iter_400.pth night/ day/

A folder's results keep its structure and names. A result is whole or not there: it is written beside its place first.
Exit status: 0 all translated, 2 stopped by an error, 3 some inputs were skipped (--skip-broken) and are listed."""
SOME_SKIPPED = 3
# What is wrong with what the user gave, rather than with the program.
EXPECTED = (CheckpointError, OSError, ValueError)


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help="config file, nightgen::method/config.py, or a shipped model's name")
    parser.add_argument('checkpoint', help='checkpoint file; averaged weights in it are preferred')
    parser.add_argument('input', help=f'picture, folder of pictures, or video ({" ".join(VIDEO_CODES)})')
    parser.add_argument('out', help='for a folder: a folder; for a picture or video: a file, or a folder to put it in')
    parser.add_argument('--device', help='cpu, cuda, cuda:1 ...; by default a GPU where there is one')
    parser.add_argument('--batch-size', type=int, default=1, help='pictures of one size, or frames, run together')
    parser.add_argument('--precision', choices=('fp32', 'bf16', 'fp16', 'exact'), default='fp32',
                        help="fp32: the network's fast form; exact: the network as it was trained; default %(default)s")
    parser.add_argument('--direction', help='source:target or target, for models that translate more than one way')
    parser.add_argument('--beside', nargs='+', default=[], metavar='NAME=FOLDER',
                        help='what the network takes beside a picture, for models that do: a folder with <name of the '
                             'picture>.png for each, e.g. label=labels/')
    parser.add_argument('--skip-broken', action='store_true',
                        help='go on past unreadable inputs; they are counted and listed, and the exit status is 3')
    parser.add_argument('--trust-checkpoint', action='store_true', help='load a checkpoint that carries code')
    args = parser.parse_args(arguments)
    if args.batch_size < 1:
        parser.error('--batch-size must be at least 1')
    return args


def load_translation(args: argparse.Namespace):
    """The model of the arguments, ready to be called with a list of pictures."""
    import torch
    from mmengine.device import get_device

    from nightgen.apis import init_model, translation_of
    model = init_model(args.config, args.checkpoint, torch.device(args.device or get_device()), args.trust_checkpoint)
    direction = tuple(args.direction.split(':')) if args.direction and ':' in args.direction else args.direction
    return translation_of(model, direction, args.precision)


def beside_folders(args: argparse.Namespace) -> dict[str, Path]:
    """The folders of ``--beside`` by name.

    Raises:
        UsageError: An entry that is no NAME=FOLDER, or no folder.
    """
    folders = {}
    for entry in args.beside:
        name, _, folder = entry.partition('=')
        if not name or not Path(folder).expanduser().is_dir():
            raise UsageError(f'--beside takes NAME=FOLDER with a folder that exists, got {entry}')
        folders[name] = Path(folder).expanduser()
    return folders


def translate_pictures(source: Path, out: Path, args: argparse.Namespace) -> list[str]:
    """Translates a picture or a folder; returns what was skipped and why.

    Raises:
        BrokenImageError: An unreadable picture, without ``--skip-broken``.
    """
    found = find_pictures(source)
    to_file = source.is_file() and out.suffix.lower() in IMAGE_EXTENSIONS and not out.is_dir()
    targets = [out] if to_file else [out / output_name(name) for _, name in found]
    check_targets((path for path, _ in found), targets)
    translate = load_translation(args)
    folders = beside_folders(args)
    try:
        translate.model.check_named(folders, translate.direction)
    except TypeError as error:
        raise UsageError(f'{error}; --beside NAME=FOLDER gives them') from error
    kinds = {name: translate.model.data_preprocessor.kind_of(name) for name in folders}
    skipped: list[str] = []
    bar = ProgressBar('translating', len(found))
    waiting: list[tuple[Path, Path, np.ndarray, dict]] = []

    def finish() -> None:
        try:
            results = translate([picture for _, _, picture, _ in waiting],
                                {name: [beside[name] for *_, beside in waiting] for name in folders})
        except ValueError as error:
            raise ValueError(f'{", ".join(str(path) for path, *_ in waiting)}: {error}') from error
        for (_, target, *_), picture in zip(waiting, results, strict=True):
            write_picture(target, picture)
            bar.update()
        waiting.clear()

    for (path, name), target in zip(found, targets, strict=True):
        try:
            picture = read_image(str(path))
            beside = read_beside(kinds, folders, Path(name).with_suffix('').as_posix())
        except BrokenImageError as error:
            if not args.skip_broken:
                raise
            skipped.append(str(error))
            bar.update()
            continue
        waiting.append((path, target, picture, beside))
        if len(waiting) == args.batch_size:
            finish()
    if waiting:
        finish()
    bar.close()
    print(f'{len(found) - len(skipped)} of {len(found)} pictures translated to {out}')
    return skipped


def translate_a_video(source: Path, out: Path, args: argparse.Namespace) -> list[str]:
    """Translates a video, without its sound; returns what was skipped and why.

    Raises:
        BrokenVideoError: An unreadable video; one that is cut off, without ``--skip-broken``.
        OSError: The result cannot be written.
    """
    if args.beside:
        raise UsageError('--beside goes with pictures; a video brings nothing beside its frames')
    target = out if out.suffix.lower() in VIDEO_CODES and not out.is_dir() else out / source.name
    check_targets([source], [target])
    video = VideoReader(source)
    bar = ProgressBar('translating', video.stated)
    try:
        count, message = translate_video(video, target, load_translation(args), args.batch_size, args.skip_broken,
                                         bar.update)
    except BrokenVideoError as error:
        raise BrokenVideoError(f'{error}; --skip-broken keeps the result of these') from error
    bar.close()
    print(f'{count} frames translated to {target}')
    return [message] if message else []


def main(arguments: list[str] | None = None) -> int:
    args = parse_args(arguments)
    source, out = Path(args.input).expanduser(), Path(args.out).expanduser()
    translate = translate_a_video if source.suffix.lower() in VIDEO_CODES and source.is_file() else translate_pictures
    skipped = translate(source, out, args)
    if skipped:
        print(f'{len(skipped)} skipped:\n  ' + '\n  '.join(skipped), file=sys.stderr)
        return SOME_SKIPPED
    return 0


if __name__ == '__main__':
    run_tool(main, *EXPECTED)
