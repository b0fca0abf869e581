#!/usr/bin/env bash
# Tests with several processes, one per GPU (without a GPU: on the CPU).
#   tools/dist_test.sh CONFIG CHECKPOINT PROCESSES [arguments of tools/test.py]
#   tools/dist_test.sh configs/n2d_lpnet/bdd100k.py work_dirs/bdd100k/iter_300000.pth 8 --out-dir days
# On several machines, run it on each with NNODES, NODE_RANK, MASTER_ADDR and PORT set.
set -euo pipefail
if [ $# -lt 3 ]; then
  sed -n 2,5p "$0" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/misc/find_python.sh"
. "$here/misc/launch.sh"
launch "$3" "$here/test.py" "$1" "$2" "${@:4}"
