"""Shows curves and times of a run, from its log."""

import argparse
import json
import statistics
from pathlib import Path

from nightgen.utils.cli import UsageError, run_tool

EXAMPLES = '''examples:
  python tools/analysis_tools/analyze_logs.py work_dirs/nightscape_small
  python tools/analysis_tools/analyze_logs.py work_dirs/a work_dirs/b --keys loss_pixel PSNR --out curves.png
'''
BOOKKEEPING = {'step', 'iter', 'epoch'}
TIMES = {'time', 'data_time', 'memory'}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Without --keys: a table of what a log holds and of iteration times. With --keys: these curves, as '
                    'a picture (--out) or as numbers.',
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('logs', nargs='+', help='scalars.json, or the folder of a run, whose parts are joined')
    parser.add_argument('--keys', nargs='+', help='log keys to show')
    parser.add_argument('--names', nargs='+', help='one for each run, for the legend; paths by default')
    parser.add_argument('--out', help='picture to write, by its ending (.png, .pdf, .svg)')
    parser.add_argument('--smooth', type=int, default=1, metavar='N', help='average over N logged values')
    return parser.parse_args()


def find_logs(path: str) -> list[Path]:
    """The ``scalars.json`` files of a run, oldest first: a resumed run has one for each start."""
    root = Path(path)
    if root.is_file():
        return [root]
    files = sorted(root.glob('*/vis_data/scalars.json')) or sorted(root.glob('**/scalars.json'))
    if not files:
        raise UsageError(f'{path} is neither a scalars.json nor the folder of a run that has one in <time>/vis_data/')
    return files


def read_records(path: str) -> list[dict]:
    """All logged records of a run in order of their step; what a resumed run repeated is taken from the later part."""
    merged: dict[tuple[bool, int], dict] = {}
    for file in find_logs(path):
        records = []
        for number, line in enumerate(file.read_text().splitlines(), 1):
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise UsageError(f'{file}, line {number}: not a record of a log ({error})') from error
        if records:
            first = min(record.get('step', 0) for record in records)
            merged = {key: record for key, record in merged.items() if key[1] < first}
        merged.update(((_is_train(record), record.get('step', 0)), record) for record in records)
    return [merged[key] for key in sorted(merged, key=lambda key: (key[1], not key[0]))]


def _is_train(record: dict) -> bool:
    return 'iter' in record  # mmengine writes it for training only


def curve(records: list[dict], key: str, smooth: int = 1) -> tuple[list[int], list[float]]:
    """(steps, values) of a key, averaged over the last ``smooth`` values; times are those of training."""
    points = [(record['step'], float(record[key])) for record in records
              if key in record and (key not in TIMES or _is_train(record))]
    steps, values = [step for step, _ in points], [value for _, value in points]
    return steps, [statistics.fmean(values[max(0, i + 1 - smooth):i + 1]) for i in range(len(values))]


def all_keys(records: list[dict]) -> list[str]:
    """Keys that have numbers, in order of appearance."""
    seen = dict.fromkeys(key for record in records for key, value in record.items()
                         if key not in BOOKKEEPING and isinstance(value, int | float))
    return list(seen)


def key_table(records: list[dict]) -> str:
    """One line for each key: how often, first, last, least, greatest."""
    keys = all_keys(records)
    width = max((len(key) for key in keys), default=3)
    lines = [f'{"key":<{width}} {"values":>7} {"first":>11} {"last":>11} {"min":>11} {"max":>11}']
    for key in keys:
        _, values = curve(records, key)
        if values:
            shown = ' '.join(f'{value:11.4g}' for value in (values[0], values[-1], min(values), max(values)))
            lines.append(f'{key:<{width}} {len(values):>7} {shown}')
    return '\n'.join(lines)


def time_table(records: list[dict]) -> str:
    """Seconds of an iteration and the share that waits for data; the first record, which warms up, is left out."""
    _, times = curve(records, 'time')
    _, waits = curve(records, 'data_time')
    if not times:
        return 'no iteration times in the log'
    if len(times) > 1:
        times, waits = times[1:], waits[1:]
    mean = statistics.fmean(times)
    share = f', waiting for data {100 * statistics.fmean(waits) / mean:.1f} %' if waits else ''
    return (f'iteration time: mean {mean:.4f} s, median {statistics.median(times):.4f} s, fastest {min(times):.4f} s, '
            f'slowest {max(times):.4f} s{share}')


def plot(runs: dict[str, list[dict]], keys: list[str], smooth: int, out: str) -> None:
    """One panel for each key, one line for each run."""
    try:
        import matplotlib
    except ImportError as error:
        raise UsageError('--out needs matplotlib: pip install matplotlib') from error
    matplotlib.use('Agg')
    from matplotlib import pyplot as plt
    figure, panels = plt.subplots(len(keys), 1, figsize=(9, 3 * len(keys)), squeeze=False, sharex=True)
    for panel, key in zip(panels[:, 0], keys, strict=True):
        for name, records in runs.items():
            steps, values = curve(records, key, smooth)
            panel.plot(steps, values, label=name, marker='.' if len(steps) < 50 else None)
        panel.set_ylabel(key)
        panel.grid(alpha=0.3)
        if len(runs) > 1:
            panel.legend()
    panels[-1, 0].set_xlabel('iteration')
    figure.tight_layout()
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    try:
        figure.savefig(out, dpi=120)
    except ValueError as error:
        raise UsageError(f'--out {out}: {error}') from error
    plt.close(figure)


def main() -> None:
    args = parse_args()
    if args.smooth < 1:
        raise UsageError(f'--smooth takes 1 or more, got {args.smooth}')
    if args.out and not args.keys:
        raise UsageError('--out draws curves: name them with --keys')
    names = args.names or args.logs
    if len(names) != len(args.logs) or len(set(names)) != len(names):
        raise UsageError(f'--names takes {len(args.logs)} different names, one for each run, got {names}')
    runs = {name: read_records(path) for name, path in zip(names, args.logs, strict=True)}
    for path, records in runs.items():
        print(f'{path}: {len(records)} records')
        if not args.keys:
            print(f'{key_table(records)}\n{time_table(records)}')
            continue
        missing = [key for key in args.keys if key not in all_keys(records)]
        if missing:
            raise UsageError(f'{path} has no {missing}; there are {all_keys(records)}')
        if not args.out:
            for key in args.keys:
                points = zip(*curve(records, key, args.smooth), strict=True)
                print(f'{key}: ' + ', '.join(f'{step}: {value:.5g}' for step, value in points))
    if args.out:
        plot(runs, args.keys, args.smooth, args.out)
        print(f'written to {args.out}')


if __name__ == '__main__':
    run_tool(main)
