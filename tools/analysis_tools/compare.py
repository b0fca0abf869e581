"""Writes one page that compares results: numbers, pictures side by side, APCE curves, chroma histograms.

Each RUN is a file that ``evaluate_folder.py --json`` wrote, the output folder of ``tools/test.py``, or a folder of
pictures (which has no numbers).

    python tools/analysis_tools/compare.py work_dirs/a/test_iter_9 work_dirs/b/test_iter_9 results/other.json \\
        --names ours baseline other --source data/nightscape/test/night --truth data/nightscape/test/day --out page.html

The table is printed as well. With --seeds runs of one name are one row, mean and standard deviation;
work_dirs/bn_0/test and work_dirs/bn_1/test are two seeds of bn:

    python tools/analysis_tools/compare.py work_dirs/*/test --seeds --columns ChromaError PSNR_ab --out table.html
"""

import argparse
import html
import json
import re
import statistics
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nightgen.apis.folder_evaluation import picture_files
from nightgen.evaluation import metric_table
from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.files import write_text
from nightgen.utils.images import read_image, to_uint8
from nightgen.visualization import page as pages

TEST_FILE = 'metrics.json'


@dataclass
class Run:
    """One result: rows of numbers (its own under its name), what metrics say beside them, its pictures."""

    name: str
    rows: dict[str, dict] = field(default_factory=dict)
    details: dict = field(default_factory=dict)
    folder: Path | None = None
    origin: str = ''
    data: str | None = None  # what its numbers were measured on, where that has a version


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('runs', nargs='+', metavar='RUN')
    parser.add_argument('--names', nargs='+',
                        help='one for each run; by default those in the files, or folder names, and where these are '
                             'the same what is different in the paths')
    parser.add_argument('--source', help='folder of the images that were translated, shown first')
    parser.add_argument('--truth', help='folder of the true images, shown last')
    parser.add_argument('--columns', nargs='+', help='only these numbers, in this order; default: all')
    parser.add_argument('--seeds', action='store_true',
                        help="runs of one name are seeds of one row; without --names that is the folder's name without "
                             '_<number>')
    parser.add_argument('--pictures', type=int, default=6, help='how many rows of images; default: 6, 0 for none')
    parser.add_argument('--title', default='Comparison')
    parser.add_argument('--out', required=True, help='the page (.html)')
    return parser.parse_args()


def load_run(path: str | Path, name: str | None = None) -> Run:
    """Reads one result. A folder called ``test...`` is named after the one above it.

    Raises:
        UsageError: There is nothing of the kind there.
    """
    path = Path(path)
    if path.is_dir() and (path / TEST_FILE).is_file():
        return _of_test(path, name or (path.resolve().parent if path.name.startswith('test') else path).name)
    if path.is_dir():
        return Run(name or path.name, folder=path, origin=f'images of {path}')
    if not path.is_file():
        raise UsageError(f'{path} does not exist')
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise UsageError(f'{path} is no JSON file: {error}') from error
    if path.name == TEST_FILE and 'checkpoint' in content:
        return _of_test(path.parent, name or path.parent.name)
    if not isinstance(content, Mapping) or not isinstance(content.get('metrics'), Mapping) or 'folder' not in content:
        raise UsageError(f'{path} was not written by evaluate_folder.py --json or tools/test.py')
    name = name or content.get('name') or path.stem
    rows: dict[str, dict] = {name: {}}
    for key, value in content['metrics'].items():
        row, _, column = key.rpartition('/')
        rows.setdefault(row or name, {})[column] = value
    folder = Path(content['folder'])
    return Run(name, rows, content.get('details', {}), folder if folder.is_dir() else None,
               f'{content["pictures"]} images of {content["folder"]}; {content.get("command", "")}',
               content.get('data'))


def _of_test(folder: Path, name: str) -> Run:
    content = json.loads((folder / TEST_FILE).read_text())
    *baselines, model = content['metrics']
    rows = {row: content['metrics'][row] for row in baselines} | {name: content['metrics'][model]}
    images = folder / 'images'
    return Run(name, rows, content.get('details', {}), images if images.is_dir() else None,
               f'{content["images"]} images, {content["checkpoint"]} (SHA-256 {content["sha256"][:12]}, '
               f'iteration {content["iteration"]}, {content["weights"]} weights), {content["config"]}',
               content.get('data'))


def rename(run: Run, name: str) -> None:
    """Give a run, and the row of its own numbers, another name."""
    run.rows = {name if row == run.name else row: values for row, values in run.rows.items()}
    run.name = name


def common_data(runs: list[Run]) -> str:
    """What all runs with numbers were measured on; empty where none says.

    Raises:
        UsageError: Several versions, whose numbers do not compare.
    """
    found = {run.data: run.name for run in reversed(runs) if run.rows}
    if len(found) > 1:
        raise UsageError('numbers of different data do not compare: ' + ', '.join(
            f'{name} is of {data or "data whose version its file does not say"}' for data, name in found.items()))
    return next(iter(found), None) or ''


def tell_apart(runs: list[Run], paths: list[str]) -> None:
    """Add to names that several runs have what is different in their paths: ``cut (test_iter_100)``."""
    for name in {run.name for run in runs}:
        group = [(run, Path(path).resolve().parts) for run, path in zip(runs, paths, strict=True) if run.name == name]
        if len(group) < 2:
            continue
        for run, parts in group:
            own = [part for part in parts if not all(part in others for _, others in group)]
            if own:
                rename(run, f'{name} ({"/".join(own)})')


def number_rows(runs: list[Run]) -> dict[str, dict]:
    """All rows: those above a model once where runs agree on them, else under the run's name."""
    rows: dict[str, dict] = {}
    for run in runs:
        for name, values in run.rows.items():
            label = name.replace('_', ' ') if name != run.name else name
            if label in rows and rows[label] != values:
                label = f'{label} ({run.name})'
            rows[label] = values
    return rows


def merge_seeds(runs: list[Run]) -> list[Run]:
    """One run for each name: numbers as mean and standard deviation, curves as means, pictures of the first.

    Raises:
        UsageError: Runs of one name were judged by different networks.
    """
    merged = []
    for name in dict.fromkeys(run.name for run in runs):
        group = [run for run in runs if run.name == name]
        if len({json.dumps(_judges(run), sort_keys=True) for run in group}) > 1:
            raise UsageError(f'the runs of {name} were judged by different networks; they are not seeds of one row')
        rows = {}
        for row in dict.fromkeys(row for run in group for row in run.rows):
            found = [run.rows[row] for run in group if row in run.rows]
            rows[row] = {column: spread([values[column] for values in found if column in values])
                         for column in dict.fromkeys(column for values in found for column in values)}
        details = dict(group[0].details)
        for metric, part in (('APCE', 'curve'), ('ChromaHistogram', 'fake'), ('ChromaHistogram', 'real')):
            if metric in details:
                details[metric] = {**details[metric], part: mean_curve([run.details[metric][part] for run in group])}
        merged.append(Run(name, rows, details, group[0].folder, '; '.join(run.origin for run in group), group[0].data))
    return merged


def spread(values: list) -> object:
    """The value where all are equal, else mean and sample standard deviation as text; all where some are texts."""
    if all(value == values[0] for value in values):
        return values[0]
    if not all(isinstance(value, int | float) for value in values):
        return ', '.join(str(value) for value in values)
    mean, deviation = statistics.fmean(values), statistics.stdev(values)
    digits = 4 if abs(mean) < 1 else 2
    return f'{mean:.{digits}f} ± {deviation:.{digits}f}'


def mean_curve(curves: list) -> object:
    """The mean of curves that may have gaps (None), or of curves by name."""
    if isinstance(curves[0], Mapping):
        return {key: mean_curve([curve[key] for curve in curves]) for key in curves[0]}
    return [None if any(value is None for value in values) else statistics.fmean(values)
            for values in zip(*curves, strict=True)]


def choose_columns(rows: dict[str, dict], columns: list[str] | None) -> dict[str, dict]:
    """The rows with these columns only, without rows that have none of them.

    Raises:
        UsageError: A column that no row has.
    """
    if columns is None:
        return rows
    known = list(dict.fromkeys(column for values in rows.values() for column in values))
    unknown = [column for column in columns if column not in known]
    if unknown:
        raise UsageError(f'no run has the numbers {unknown}; there are {known}')
    return {name: {column: values.get(column) for column in columns} for name, values in rows.items()
            if not set(columns).isdisjoint(values)}


def apce_curves(runs: list[Run]) -> str:
    """The recall of edges over thresholds."""
    series = {run.name: run.details['APCE']['curve'] for run in runs if 'APCE' in run.details}
    if not series:
        return ''
    return pages.curves(series, [j / 100 for j in range(1, 100)], 'Edges of the source found again', 'Canny threshold',
                        'recall')


def chroma_curves(runs: list[Run]) -> str:
    """Logarithms of chroma counts; the real pictures once."""
    found = {run.name: run.details['ChromaHistogram'] for run in runs if 'ChromaHistogram' in run.details}
    if not found:
        return ''
    centres = [edge + 0.5 for edge in range(-110, 109)]
    plots = []
    for channel in 'ab':
        series = {_with_intersection(runs, name, channel): part['fake'][channel] for name, part in found.items()}
        series['real'] = next(iter(found.values()))['real'][channel]
        if any(value is not None for values in series.values() for value in values):
            plots.append(pages.curves(series, centres, f'Histogram of {channel}', channel, 'log pixels per image'))
    return ''.join(plots)


def _with_intersection(runs: list[Run], name: str, channel: str) -> str:
    """A run's name in a legend, with the area that its histogram shares with the real one."""
    run = next(run for run in runs if run.name == name)
    value = run.rows.get(name, {}).get(f'ChromaIntersection_{channel}')
    return name if value is None else f'{name}, shares {value if isinstance(value, str) else format(value, ".3f")}'


def pictures(runs: list[Run], source: str | None, truth: str | None, count: int) -> str:
    """Some pictures that every run has, evenly spread.

    Raises:
        UsageError: They have none in common.
    """
    sets = {}
    if source:
        sets['source'] = picture_files(source)
    sets.update({run.name: picture_files(run.folder) for run in runs if run.folder is not None})
    if truth:
        sets['truth'] = picture_files(truth)
    if count < 1 or not sets:
        return ''
    first = next(iter(sets.values()))
    common = [key for key in first if all(key in files for files in sets.values())]
    if not common:
        raise UsageError('no image is in all of ' + ', '.join(sets))
    chosen = np.unique(np.linspace(0, len(common) - 1, min(count, len(common))).astype(int))
    rows = {common[index]: [pages.picture(to_uint8(read_image(str(files[common[index]]))), f'{name}: {common[index]}')
                            for name, files in sets.items()] for index in chosen}
    return pages.picture_grid(list(sets), rows)


def _judges(run: Run) -> dict[str, Mapping]:
    return {metric: part.get('network') or part.get('expert') for metric, part in run.details.items()
            if isinstance(part, Mapping) and (part.get('network') or part.get('expert'))}


def networks(runs: list[Run]) -> str:
    """Which networks judged, for every run: distances on different networks must not be compared."""
    lines = []
    for run in runs:
        judges = [f'{metric}: ' + ', '.join(f'{key} {value}' for key, value in judge.items())
                  + (f'; {part["fake"]} outputs, {part["real"]} real' if isinstance(part.get('real'), int) else '')
                  for metric, judge in _judges(run).items() for part in [run.details[metric]]]
        lines.append(f'<p class="note"><b>{html.escape(run.name)}</b>: {html.escape(run.origin)}'
                     + ''.join(f'<br>{html.escape(judge)}' for judge in judges) + '</p>')
    return ''.join(lines)


def main() -> None:
    args = parse_args()
    out = Path(args.out)
    if out.exists() and not pages.is_page(out):
        raise UsageError(f'--out {out} exists and is no page of this tool; it is left as it is: name another file')
    if args.names and len(args.names) != len(args.runs):
        raise UsageError(f'{len(args.runs)} runs, but {len(args.names)} names')
    runs = [load_run(path, name) for path, name in zip(args.runs, args.names or [None] * len(args.runs), strict=True)]
    data = common_data(runs)
    if args.seeds:
        for run in runs if args.names is None else []:
            rename(run, re.sub(r'_(seed_?)?\d+$', '', run.name))
        runs = merge_seeds(runs)
    elif args.names is None:
        tell_apart(runs, args.runs)
    names = [run.name for run in runs]
    if len(set(names)) != len(names):
        raise UsageError(f'runs share a name: {names}; give each once, --names, or --seeds if they are one method')
    rows = choose_columns(number_rows(runs), args.columns)
    sections = dict(Numbers=pages.table(rows, data or 'row') if rows else '',
                    Edges=apce_curves(runs), Colours=chroma_curves(runs),
                    Pictures=pictures(runs, args.source, args.truth, args.pictures), Origin=networks(runs))
    write_text(out, pages.page(args.title, sections))
    shown = [name.lower() for name, content in sections.items() if content]
    if rows:
        print(metric_table({f'{name}/{column}': '-' if value is None else value for name, values in rows.items()
                            for column, value in values.items()}, heading=data))
    print(f'{out}: {", ".join(shown)} of {len(runs)} runs', file=sys.stderr)


if __name__ == '__main__':
    run_tool(main, FileNotFoundError, ValueError)
