#!/usr/bin/env bash
# From a fresh clone to night frames turned to day: sets up, renders a small Nightscape, trains N2D-LPNet on it, tests it,
# and translates held-out night frames. Run again, it takes up what is there already. Arguments go to tools/train.py.
#   QUICKSTART_DIR  where the results go (default work_dirs/quickstart)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/misc/setup_env.sh core

config=configs/n2d_lpnet/nightscape_small.py
data=data/nightscape_small
work=${QUICKSTART_DIR:-work_dirs/quickstart}
cores=$("$PYTHON" -c 'import os; print(os.cpu_count() or 1)')
start=$SECONDS
# Of what training prints, the lines about its progress; all of it is in its log, and errors are not piped.
iterations() { grep --line-buffered -oE 'Iter\((train|val)\).*' || true; }
step() { printf '\n== %s (%s s since the set-up)\n' "$*" $((SECONDS - start)); }

step 'Rendering Nightscape: streets by day and night, different ones for training'
"$PYTHON" tools/dataset_converters/nightscape.py --out "$data" --size 256x128 --train 600 --val 16 --test 100 --seed 1 \
  --workers "$cores"

step "Training N2D-LPNet; logs, checkpoints and pictures in $work"
"$PYTHON" tools/train.py "$config" --work-dir "$work" --resume auto "$@" | iterations
checkpoint=$(cat "$work/last_checkpoint")

step "Testing $checkpoint on streets that it has not seen"
"$PYTHON" tools/test.py "$config" "$checkpoint" --work-dir "$work" --out-dir "$work/test" > "$work/test.log"

step 'Translating held-out night frames'
"$PYTHON" tools/translate.py "$config" "$checkpoint" "$data/test/night" "$work/days"

step 'Done'
"$PYTHON" - "$work/test/metrics.json" << 'PYTHON'
import json
import sys

from nightgen.evaluation import metric_table

report = json.load(open(sys.argv[1]))
rows = {f'{row}/{column}': value for row, columns in report['metrics'].items() for column, value in columns.items()}
print(f'{report["images"]} test images, iteration {report["iteration"]}\n\n{metric_table(rows, "", report["data"] or "")}')
PYTHON
printf '\nPicture grid (night | translated | true day): %s\nTranslated night frames: %s\n' \
  "$PWD/$work/test/grid.png" "$PWD/$work/days"
