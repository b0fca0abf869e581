"""Lists the shipped models: name, config, and weights where they are published.

    python tools/misc/models.py nightscape_small
"""

import argparse
import json

from nightgen.utils.cli import UsageError, run_tool
from nightgen.utils.shipped import list_models


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
                               weights=model.weights, results=model.results) for model in found], indent=2))
        return
    rows = [(model.name, model.scoped_config, model.weights or 'no weights published') for model in found]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for name, config, weights in rows:
        print(f'{name:{widths[0]}}  {config:{widths[1]}}  {weights}')


if __name__ == '__main__':
    run_tool(main)
