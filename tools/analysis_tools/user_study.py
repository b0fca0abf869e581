"""Prints the table of a user study: three criteria, their mean, and naturalness, averaged over people and pictures.

The scores are those that the page's third tab collects (tools/webapp/app.py --study).
"""

import argparse
import json

from nightgen.apis.user_study import study_table
from nightgen.evaluation import metric_table
from nightgen.utils.cli import run_tool


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('scores', help='the folder of the scores')
    parser.add_argument('--json', action='store_true', help='print the table as JSON')
    args = parser.parse_args(arguments)
    table = study_table(args.scores)
    if args.json:
        print(json.dumps(table, indent=2))
    else:
        print(metric_table({f'{method}/{question}': value for method, row in table.items()
                            for question, value in row.items()}))


if __name__ == '__main__':
    run_tool(main, OSError, ValueError)
