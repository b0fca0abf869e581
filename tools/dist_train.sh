#!/usr/bin/env bash
# Trains with several processes, one per GPU (without a GPU: on the CPU).
#   tools/dist_train.sh CONFIG PROCESSES [arguments of tools/train.py]
#   tools/dist_train.sh configs/n2d_lpnet/bdd100k.py 8 --amp bf16
# On several machines, run it on each with NNODES, NODE_RANK, MASTER_ADDR and PORT set.
set -euo pipefail
if [ $# -lt 2 ]; then
  sed -n 2,5p "$0" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/misc/find_python.sh"
. "$here/misc/launch.sh"
launch "$2" "$here/train.py" "$1" "${@:3}"
