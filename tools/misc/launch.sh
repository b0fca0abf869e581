# Sourced by dist_train.sh and dist_test.sh, after find_python.sh: launch PROCESSES SCRIPT [arguments].
# On one machine a free port is found, so that two runs do not meet; PORT fixes one.
launch() {
  local processes=$1 where
  shift
  if ! [[ $processes =~ ^[1-9][0-9]*$ ]]; then
    echo "error: the number of processes must be 1 or more, got '$processes'" >&2
    exit 2
  fi
  if [ "${NNODES:-1}" = 1 ] && [ -z "${PORT:-}" ]; then
    where=(--standalone)
  else
    where=(--nnodes "${NNODES:-1}" --node_rank "${NODE_RANK:-0}" --master_addr "${MASTER_ADDR:-127.0.0.1}"
      --master_port "${PORT:-29500}")
  fi
  export PYTHONPATH="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)${PYTHONPATH:+:$PYTHONPATH}"
  exec "$PYTHON" -m torch.distributed.run "${where[@]}" --nproc_per_node "$processes" "$@" --launcher pytorch
}
