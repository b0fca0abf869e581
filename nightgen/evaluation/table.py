"""Metrics as a table to read."""

from collections.abc import Mapping


def metric_table(metrics: Mapping[str, float], model_name: str = 'model', heading: str = '') -> str:
    """Lays evaluator results out as aligned text.

    ``<row>/<column>`` keys make a row each, keys without a slash the row of the model, which comes last.

    Args:
        metrics: what ``Evaluator.evaluate`` or ``Runner.test`` returned.
        model_name: name of the model's row.
        heading: what the numbers are of, above the rows' names.

    Example:
        >>> print(metric_table({'gamma/PSNR': 14.57, 'PSNR': 15.1}, 'N2D-LPNet'))
                       PSNR
        gamma        14.570
        N2D-LPNet    15.100
    """
    rows: dict[str, dict[str, float]] = {}
    model: dict[str, float] = {}
    for key, value in metrics.items():
        row, _, column = key.rpartition('/')
        (rows.setdefault(row.replace('_', ' '), {}) if row else model)[column] = value
    if model:
        rows[model_name] = model
    columns = list(dict.fromkeys(column for values in [model, *rows.values()] for column in values))
    first = max([len(heading), *(len(row) for row in rows)])
    cells = {row: [f'{values[column]:.3f}' if isinstance(values.get(column), float) else str(values.get(column, '-'))
                   for column in columns] for row, values in rows.items()}
    widths = [max(7, len(column), *(len(line[index]) for line in cells.values()))
              for index, column in enumerate(columns)]
    titles = (f'   {column:>{width}}' for column, width in zip(columns, widths, strict=True))
    lines = [f'{heading:<{first}}' + ''.join(titles)]
    for row, texts in cells.items():
        padded = (f'   {cell:>{width}}' for cell, width in zip(texts, widths, strict=True))
        lines.append(f'{row:<{first}}' + ''.join(padded))
    return '\n'.join(lines)
