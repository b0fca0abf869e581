#!/usr/bin/env bash
# Sets up the environment where that is not done yet, then runs the tests. Arguments go to pytest:
#   bash tools/run_tests.sh -k nightscape
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/misc/setup_env.sh full
. tools/misc/find_browser.sh
# Two cores suffice: small tensors gain nothing from threads, and the tests start processes of their own.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} MKL_NUM_THREADS=${MKL_NUM_THREADS:-1}
exec "$PYTHON" -m pytest -q "$@"
