"""Translates an image, a folder of images or a video with a trained model, at native size."""

import argparse
import hashlib
import sys
from functools import partial
from pathlib import Path

from nightgen.apis.files import check_targets, find_pictures, output_name, read_beside
from nightgen.apis.folder_translation import Job, outstanding, translate_files, write_record
from nightgen.apis.steadying import SteadyTranslation
from nightgen.apis.video import BrokenVideoError, VideoReader, translate_video
from nightgen.apis.video_writing import ENCODERS
from nightgen.checkpoint import CheckpointError
from nightgen.utils.cli import CONFIG_HELP, UsageError, run_tool
from nightgen.utils.containers import VIDEO_EXTENSIONS
from nightgen.utils.counts import check_numbers
from nightgen.utils.devices import chosen_device
from nightgen.utils.images import IMAGE_EXTENSIONS
from nightgen.utils.progress import ProgressBar
from nightgen.utils.ranges import RANGE_HELP, checked_range
from nightgen.utils.shipped import config_path, weights_path

EXAMPLE = """examples:
  python tools/translate.py n2d_lpnet_night2day night.jpg day.jpg
  python tools/translate.py configs/n2d_lpnet/nightscape_small.py work_dirs/nightscape_small/iter_400.pth night/ day/

The outputs of a folder have its structure and file names. Every output is written atomically.
A second run on a folder, with the same weights and options, keeps and counts the outputs that are there and translates
the rest. A single image or video is always translated again.
Exit status: 0: everything was translated. 2: an error stopped the command. 3: inputs were skipped (--skip-broken); they
are listed."""
SOME_SKIPPED = 3
# What is wrong with what the user gave, rather than with the program.
EXPECTED = (CheckpointError, OSError, ValueError)


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help=CONFIG_HELP)
    parser.add_argument('checkpoint', nargs='?', help='checkpoint file; its averaged weights are used if it has '
                        'some. A model that comes with weights needs none')
    parser.add_argument('input', help=f'image, folder of images, or video ({" ".join(VIDEO_EXTENSIONS)})')
    parser.add_argument('out', help='a folder; for one image or video also a file. A video is written as '
                        f'{" ".join(ENCODERS)}')
    parser.add_argument('--device', help='cpu, cuda, cuda:1 ...; default: a GPU if there is one')
    parser.add_argument('--batch-size', type=int, default=1, help='images of one size, or frames, per forward pass')
    parser.add_argument('--precision', choices=('fp32', 'bf16', 'fp16', 'exact'), default='fp32',
                        help="fp32, bf16, fp16: the network's fast form in this precision; exact: the network as it "
                             'was trained; default: %(default)s')
    parser.add_argument('--direction', help='SOURCE:TARGET or TARGET, for a model with several directions: thermal:day')
    parser.add_argument('--beside', nargs='+', default=[], metavar='NAME=FOLDER',
                        help='further inputs of the network: NAME is what it calls them, FOLDER has a PNG for each '
                             'image, under the name of the image. Example: label=labels/')
    parser.add_argument('--skip-broken', action='store_true',
                        help='skip images that cannot be read or that the network cannot take, and translate the '
                             'readable part of a video that is cut off. They are counted and listed; the exit status '
                             'is 3')
    parser.add_argument('--overwrite', action='store_true', help='translate images again whose outputs are there')
    parser.add_argument('--range', default='full', metavar='RANGE',
                        help=f'the same as in training: {RANGE_HELP}')
    parser.add_argument('--steady', type=float, nargs='?', const=0.8, default=0.0, metavar='STRENGTH',
                        help='for a video: less flicker where the video itself does not change; 0 (none) to 1. '
                             'Default: off; without a number: 0.8')
    parser.add_argument('--trust-checkpoint', action='store_true', help='load a checkpoint that runs code')
    args = parser.parse_args(arguments)
    if args.batch_size < 1:
        parser.error('--batch-size must be at least 1')
    if not 0 <= args.steady < 1:
        parser.error(f'--steady is at least 0 and below 1, got {args.steady}')
    args.range = checked_range(args.range)
    args.checkpoint = weights_path(args.config, args.checkpoint)
    return args


def load_translation(args: argparse.Namespace):
    """The model of the arguments, ready to be called with a list of pictures."""
    from nightgen.apis import init_model, translation_of
    model = init_model(args.config, args.checkpoint, chosen_device(args.device), args.trust_checkpoint)
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
            raise UsageError(f'--beside takes NAME=FOLDER, and the folder must exist; got {entry}')
        folders[name] = Path(folder).expanduser()
    return folders


def what_translates(args: argparse.Namespace) -> dict[str, str]:
    """What the results depend on, for the record beside them."""
    digest = hashlib.sha256(Path(args.checkpoint).read_bytes()).hexdigest()
    return dict(config=config_path(args.config).name, sha256=digest,
                direction=str(args.direction), precision=args.precision, range=str(args.range),
                beside=' '.join(sorted(args.beside)))


def translate_pictures(source: Path, out: Path, args: argparse.Namespace) -> list[str]:
    """Translates an image or a folder; returns what was skipped and why.

    Raises:
        BrokenImageError, PictureError: A picture that fails, without ``--skip-broken``.
        ValueError: Results of other weights or options are there, without ``--overwrite``.
    """
    if args.steady:
        raise UsageError('--steady works on videos only; images are translated one by one')
    found = find_pictures(source)
    to_file = source.is_file() and out.suffix.lower() in IMAGE_EXTENSIONS and not out.is_dir()
    targets = [out] if to_file else [out / output_name(name) for _, name in found]
    check_targets((path for path, _ in found), targets)
    jobs = [Job(path, target, Path(name).with_suffix('').as_posix())
            for (path, name), target in zip(found, targets, strict=True)]
    folders = beside_folders(args)
    if source.is_dir():
        jobs = outstanding(jobs, out, made_by := what_translates(args), args.overwrite)
    there = len(found) - len(jobs)
    check_numbers([job.source for job in jobs], str(source), args.range)
    skipped: list[str] = []
    if jobs:
        translate = load_translation(args)
        try:
            translate.model.check_named(folders, translate.direction)
        except TypeError as error:
            raise UsageError(f'{error}; give them with --beside NAME=FOLDER') from error
        kinds = {name: translate.model.data_preprocessor.kind_of(name) for name in folders}
        if source.is_dir():
            write_record(out, made_by, args.overwrite)
        bar = ProgressBar('translating', len(jobs))
        skipped = translate_files(jobs, translate, args.batch_size, args.skip_broken, args.range,
                                  partial(read_beside, kinds, folders), bar.update)
        bar.close()
    print(f'{len(jobs) - len(skipped)} of {len(found)} images translated to {out}' +
          (f', {there} were there already (--overwrite translates them again)' if there else ''))
    return skipped


def translate_a_video(source: Path, out: Path, args: argparse.Namespace) -> list[str]:
    """Translates a video; returns what was skipped and why.

    Raises:
        BrokenVideoError: An unreadable video; one that is cut off, without ``--skip-broken``.
        OSError: The result cannot be written.
    """
    if args.beside or args.range != 'full':
        raise UsageError('--beside and --range work on images only: frames of a video have 8 bits and no more inputs')
    target = out
    if out.suffix.lower() not in VIDEO_EXTENSIONS or out.is_dir():
        target = out / (source.name if source.suffix.lower() in ENCODERS else f'{source.stem}.mp4')
    check_targets([source], [target])
    reading = ProgressBar('reading', transient=True)
    video = VideoReader(source, reading)
    reading.close()
    bar = ProgressBar('translating', len(video.times))
    try:
        translate = load_translation(args)
        translate = SteadyTranslation(translate, args.steady) if args.steady else translate
        result = translate_video(video, target, translate, args.batch_size, args.skip_broken, bar.update)
    except BrokenVideoError as error:
        raise BrokenVideoError(f'{error}; --skip-broken keeps the output of these') from error
    bar.close()
    print(f'{result.frames} frames translated to {target}')
    for note in filter(None, [*result.notes, video.doubt]):
        print(f'note: {note}', file=sys.stderr)
    return [result.cut] if result.cut else []


def main(arguments: list[str] | None = None) -> int:
    args = parse_args(arguments)
    source, out = Path(args.input).expanduser(), Path(args.out).expanduser()
    is_video = source.suffix.lower() in VIDEO_EXTENSIONS and source.is_file()
    skipped = (translate_a_video if is_video else translate_pictures)(source, out, args)
    if skipped:
        print(f'{len(skipped)} skipped:\n  ' + '\n  '.join(skipped), file=sys.stderr)
        return SOME_SKIPPED
    return 0


if __name__ == '__main__':
    run_tool(main, *EXPECTED)
