#!/usr/bin/env bash
# Make the environment and run the tests:
#   bash tools/run_tests.sh [--here] [pytest arguments]
# --here uses the active Python instead of .venv. Without pytest arguments the whole
# suite runs, on two processes; slow tests are left to tools/run_nightly.sh.
set -euo pipefail
source "$(dirname "$0")/make_environment.sh"
here=
if [ "${1:-}" = "--here" ]; then
    here=--here
    shift
fi
make_environment $here
step "run the tests"
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
if [ $# -eq 0 ]; then set -- -n 2; fi
"$PYTHON" -m pytest -q "$@"
