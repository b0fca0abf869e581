"""Measures how much videos flicker, beside the video that they were made from.

    python tools/analysis_tools/flicker.py night.mp4 day.mp4 steady.mp4

change: mean absolute difference of neighbouring frames, in grey levels. Of a static shot that is its flicker; of a
moving one, its motion as well. relative: the change over the frames' contrast (standard deviation). beside: the
relative change over the source's; at 1 a video flickers as its source does.
"""

import argparse
from pathlib import Path

from nightgen.apis.video import BrokenVideoError, VideoReader
from nightgen.evaluation.functional.flicker import Change, frame_change
from nightgen.utils.cli import run_tool


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='the video that was translated')
    parser.add_argument('results', nargs='+', help='translations of it')
    return parser.parse_args()


def measure(path: str) -> Change:
    """The change of one video."""
    video = VideoReader(path)
    try:
        return frame_change(video.frames)
    except ValueError as error:
        raise BrokenVideoError(f'{path}: {error}') from error
    finally:
        video.close()


def main() -> None:
    args = parse_args()
    source = measure(args.source)
    print(f'{"video":30} {"frames":>6} {"change":>8} {"contrast":>8} {"relative":>8} {"beside":>8}')
    for path in (args.source, *args.results):
        found = source if path == args.source else measure(path)
        if found.frames != source.frames:
            raise BrokenVideoError(f'{path} has {found.frames} frames, its source {args.source} {source.frames}')
        print(f'{Path(path).name:30} {found.frames:6} {found.change:8.3f} {found.contrast:8.2f} {found.relative:8.4f} '
              f'{found.relative / source.relative:8.2f}')


if __name__ == '__main__':
    run_tool(main, ValueError, OSError)
