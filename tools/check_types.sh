#!/usr/bin/env bash
# Check the types; errors that are not in requirements/mypy_baseline.txt fail:
#   bash tools/check_types.sh            # in the active environment, or .venv
#   bash tools/check_types.sh --sync     # write the baseline anew, after mending some
set -uo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python)}
errors=$("$python" -m mypy)
if [ $? -gt 1 ]; then # not errors in the code: mypy itself could not run
    printf '%s\n' "$errors" >&2
    exit 2
fi
if [ "${1:-}" = "--sync" ]; then
    "$python" -m mypy_baseline sync <<<"$errors"
else
    "$python" -m mypy_baseline filter <<<"$errors"
fi
