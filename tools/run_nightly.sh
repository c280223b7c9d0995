#!/usr/bin/env bash
# Make the environment and run the slow tests (trainings of minutes):
#   bash tools/run_nightly.sh [--here] [pytest arguments]
set -euo pipefail
if [ "${1:-}" = "--here" ]; then
    shift
    set -- --here -m slow "$@"
else
    set -- -m slow "$@"
fi
exec bash "$(dirname "$0")/run_tests.sh" "$@"
