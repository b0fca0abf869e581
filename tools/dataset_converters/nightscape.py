# Renders the procedural sample world into a folder, or checks such a folder.
"""Renders Nightscape.

Layout: OUT/{train,val,test}/{day,night,thermal,label}/NNNNNN.png, OUT/{split}/boxes_{day,night,thermal}.json (COCO) and
OUT/manifest.json. Training scenes are different for each domain; val and test hold all renderings of the same scenes.
With --view surveillance there is a folder per camera below the rendering, and OUT/background holds each camera without
anything that moves.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path


def package_folder() -> Path:
    """The folder of the installed nightgen, else of this checkout; does not import it."""
    spec = importlib.util.find_spec('nightgen')
    return Path(spec.submodule_search_locations[0]) if spec else Path(__file__).resolve().parents[2] / 'nightgen'


# The renderer and the progress bar are taken without their parent packages: they need numpy and OpenCV only, and
# importing nightgen would load torch in this process and in every worker.
sys.path.insert(0, str(package_folder() / 'datasets'))
from nightscape import (  # noqa: E402
    NIGHTSCAPE_VERSION,
    THERMAL_CAMERAS,
    VIEWS,
    NightscapeError,
    Request,
    check_dataset,
    write_dataset,
)

_spec = importlib.util.spec_from_file_location('nightgen_progress', package_folder() / 'utils/progress.py')
_progress = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_progress)
ProgressBar = _progress.ProgressBar


def parse_size(text: str) -> tuple[int, int]:
    """WxH to (width, height)."""
    parts = text.lower().split('x')
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f'{text!r} is not WIDTHxHEIGHT, for instance 512x256')
    return int(parts[0]), int(parts[1])


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', required=True, metavar='DIR', help='folder to make, or to check')
    parser.add_argument('--size', type=parse_size, default=(512, 256), metavar='WxH', help='default 512x256')
    parser.add_argument('--train', type=int, default=200, metavar='N', help='training scenes per domain (default 200)')
    parser.add_argument('--val', type=int, default=20, metavar='N', help='validation scenes (default 20)')
    parser.add_argument('--test', type=int, default=40, metavar='N', help='test scenes (default 40)')
    parser.add_argument('--seed', type=int, default=0, metavar='S', help='another seed is another world (default 0)')
    parser.add_argument(
        '--workers', type=int, default=1, metavar='K', help='processes (default 1); files do not depend on it'
    )
    parser.add_argument('--view', choices=VIEWS, default='driving')
    parser.add_argument(
        '--cameras', type=int, default=4, metavar='N', help='fixed cameras of the surveillance view (default 4)'
    )
    parser.add_argument(
        '--thermal',
        choices=THERMAL_CAMERAS,
        default=THERMAL_CAMERAS[0],
        help='thermal camera: gain_controlled (like FLIR ADAS, default) or fixed_gain (like KAIST)',
    )
    parser.add_argument('--check', action='store_true', help='only compare the folder with its manifest')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    args = parse_arguments(argv)
    try:
        if args.check:
            problems = check_dataset(args.out, ProgressBar('checking'))
            for problem in problems[:20]:
                print(problem)
            if problems:
                print(f'{len(problems)} problems in {args.out}. Run the command without --check to render it again.')
                return 1
            print(f'{args.out} is complete.')
            return 0
        request = Request(args.size, args.train, args.val, args.test, args.seed, args.view, args.cameras, args.thermal)
        made = write_dataset(args.out, request, args.workers, ProgressBar('rendering'))
    except NightscapeError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f'error: {args.out} could not be written: {error}. The folder is unfinished. Remove the cause and run the '
            'same command again.',
            file=sys.stderr,
        )
        return 2
    print(f'Nightscape {NIGHTSCAPE_VERSION} {"rendered into" if made else "was already complete in"} {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
