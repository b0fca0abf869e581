"""Pieces of a page that needs no other file: tables, curves as SVG, pictures inside the HTML."""

from __future__ import annotations

import base64
import html
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

COLOURS = ('#1f6fb4', '#d1562a', '#2c8a4b', '#8352a8', '#b08a12', '#4b5560', '#c2417c', '#1a9a9a')
_MADE_HERE = '<meta name="generator" content="nightgen">'
_STYLE = '''body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:90rem;padding:0 1rem;color:#1d2329}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2.2rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .7rem;border-bottom:1px solid #d8dde2;text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
.wide{overflow-x:auto}.pictures td{padding:.15rem;text-align:center;border:0}.pictures img{max-width:22rem;width:100%}
.note{color:#5a6570;font-size:.85rem}code{background:#f0f2f4;padding:.1rem .3rem}'''


def table(rows: Mapping[str, Mapping[str, object]], corner: str = '') -> str:
    """A table with a row per entry; columns in the order in which rows name them; what a row lacks is a dash.

    Args:
        rows: row name -> column name -> number or text.
        corner: heading of the first column.
    """
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    head = ''.join(f'<th>{html.escape(str(column))}</th>' for column in [corner, *columns])
    body = ''.join(f'<tr><td>{html.escape(str(name))}</td>' + ''.join(f'<td>{_cell(row.get(column))}</td>'
                                                                    for column in columns) + '</tr>'
                   for name, row in rows.items())
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _cell(value: object) -> str:
    if value is None:
        return '–'
    if isinstance(value, float) and math.isfinite(value):
        return f'{value:.4f}' if abs(value) < 1 else f'{value:.2f}'
    return html.escape(str(value))


def curves(series: Mapping[str, Sequence[float | None]], x: Sequence[float], title: str, x_label: str, y_label: str,
           size: tuple[int, int] = (560, 320)) -> str:
    """Curves over common positions as one SVG with axes and a legend.

    Args:
        series: name -> values; None (or NaN) leaves a gap.
        x: positions, ascending.
        title, x_label, y_label: texts.
        size: width and height in pixels; the legend's width is added.

    Raises:
        ValueError: a series of another length than ``x``, or without a value at all in any.
    """
    wrong = [name for name, values in series.items() if len(values) != len(x)]
    if wrong or len(x) < 2:
        raise ValueError(f'{title}: {wrong} have another number of values than the {len(x)} positions')
    known = [value for values in series.values() for value in values if _known(value)]
    if not known:
        raise ValueError(f'{title}: no series has a value')
    names = [name + (', dashed' if number >= len(COLOURS) else '') for number, name in enumerate(series)]
    legend = 18 + 7 * max(map(len, names))  # beside the curves, where it hides none
    (width, height), (left, top, right, bottom) = size, (58, 34, 14 + legend, 46)
    width += legend
    low, high = min(known), max(known)
    low, high = (low - 0.5, high + 0.5) if low == high else (low, high)

    def place(position: float, value: float) -> tuple[float, float]:
        across, up = (position - x[0]) / (x[-1] - x[0]), (value - low) / (high - low)
        return left + across * (width - left - right), height - bottom - up * (height - top - bottom)

    parts = [f'<text x="{left}" y="18" font-weight="600">{html.escape(title)}</text>']
    for value in np.linspace(low, high, 5):
        _, y = place(x[0], value)
        parts.append(f'<line x1="{left}" x2="{width - right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e3e7ea"/>'
                     f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for position in np.linspace(x[0], x[-1], 5):
        parts.append(f'<text x="{place(position, low)[0]:.1f}" y="{height - bottom + 16}" text-anchor="middle">'
                     f'{position:.3g}</text>')
    parts.append(f'<text x="{(left + width - right) / 2:.0f}" y="{height - 8}" text-anchor="middle">'
                 f'{html.escape(x_label)}</text><text transform="translate(13 {(top + height - bottom) / 2:.0f}) '
                 f'rotate(-90)" text-anchor="middle">{html.escape(y_label)}</text>')
    for number, (name, values) in enumerate(zip(names, series.values(), strict=True)):
        colour = COLOURS[number % len(COLOURS)]
        dashes = ' stroke-dasharray="5 3"' if number >= len(COLOURS) else ''  # the colours come again
        for run in _runs(x, values):
            points = ' '.join(f'{a:.1f},{b:.1f}' for a, b in (place(*point) for point in run))
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"{dashes}/>')
        parts.append(f'<text x="{width - legend}" y="{top + 14 * number + 4}" fill="{colour}">{html.escape(name)}'
                     '</text>')
    return (f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-size="11" role="img" '
            f'aria-label="{html.escape(title)}">{"".join(parts)}</svg>')


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _runs(x: Sequence[float], values: Sequence[float | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for position, value in zip(x, values, strict=True):
        if _known(value):
            runs[-1].append((position, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def picture(image: np.ndarray, text: str = '', max_width: int = 480) -> str:
    """An RGB picture H,W,3 (uint8) as an ``img`` element that holds it, made smaller where it is wider."""
    if image.shape[1] > max_width:
        height = max(1, round(image.shape[0] * max_width / image.shape[1]))
        image = cv2.resize(image, (max_width, height), interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode('.png', cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    if not done:
        raise ValueError(f'an image of shape {image.shape} could not be encoded')
    return (f'<img alt="{html.escape(text)}" title="{html.escape(text)}" '
            f'src="data:image/png;base64,{base64.b64encode(data.tobytes()).decode()}">')


def picture_grid(columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    """``img`` elements side by side: a heading per column, a line per entry of ``rows``."""
    head = ''.join(f'<td>{html.escape(column)}</td>' for column in columns)
    body = ''.join(f'<tr>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
                   f'<tr><td class="note" colspan="{len(columns)}">{html.escape(name)}</td></tr>'
                   for name, cells in rows.items())
    return f'<div class="wide"><table class="pictures"><tr>{head}</tr>{body}</table></div>'


def page(title: str, sections: Mapping[str, str]) -> str:
    """The whole page: heading -> HTML."""
    body = ''.join(f'<h2>{html.escape(name)}</h2>{content}' for name, content in sections.items() if content)
    return (f'<!doctype html><html lang="en"><meta charset="utf-8">{_MADE_HERE}'
            '<meta name="viewport" content="width=device-width">'
            f'<title>{html.escape(title)}</title><style>{_STYLE}</style><h1>{html.escape(title)}</h1>{body}</html>\n')


def is_page(path: str | os.PathLike) -> bool:
    """Whether a file is one that :func:`page` made, and may be made again."""
    path = Path(path)
    if not path.is_file():
        return False
    with path.open('rb') as file:
        return _MADE_HERE.encode() in file.read(400)
