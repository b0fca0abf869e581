# Sourced by the launch scripts: sets PYTHON to the interpreter to run nightgen with. The one that NIGHTGEN_PYTHON names,
# else that of an activated environment, else that of .venv, which the set-up makes, else python3.
if [ -n "${NIGHTGEN_PYTHON:-}" ]; then
  PYTHON=$NIGHTGEN_PYTHON
elif [ -n "${VIRTUAL_ENV:-}${CONDA_PREFIX:-}" ]; then
  PYTHON=python
elif [ -x "$(dirname "${BASH_SOURCE[0]}")/../../.venv/bin/python" ]; then
  PYTHON=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.venv/bin/python
else
  PYTHON=python3
fi
