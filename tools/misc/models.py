"""Lists the shipped models: name, config, and where they have weights, these with size, terms and scores.

    python tools/misc/models.py nightscape_small
"""

import argparse
import json

from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.shipped import ModelEntry, list_models


def described_weights(model: ModelEntry) -> str:
    """The weights of a model in a line: size, terms and scores."""
    if model.weights is None:
        return 'no weights published'
    size = model.weights if model.size is None else f'weights of {model.size / 2**20:.1f} MiB'
    scores = ', '.join(f'{name} {value:g}' for name, value in model.scores.items())
    return '; '.join(filter(None, (size, model.terms, scores)))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('pattern', nargs='?', default='', help='only names with a match of this regular expression')
    parser.add_argument('--json', action='store_true', help='print a JSON list instead, with what was measured')
    args = parser.parse_args(arguments)
    found = list_models(args.pattern)
    if not found:
        raise UsageError(f'no shipped model has a name like {args.pattern}; without a pattern all are listed')
    if args.json:
        print(json.dumps([dict(name=model.name, method=model.collection, config=model.scoped_config,
                               weights=model.weights, size=model.size, terms=model.terms, results=model.results)
                          for model in found], indent=2))
        return
    rows = [(model.name, model.scoped_config, described_weights(model)) for model in found]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for name, config, weights in rows:
        print(f'{name:{widths[0]}}  {config:{widths[1]}}  {weights}')


if __name__ == '__main__':
    run_tool(main)
