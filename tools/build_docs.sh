#!/usr/bin/env bash
# Build the documentation site; a warning (a broken link, a page that nobody reaches) is
# an error:
#   bash tools/build_docs.sh [--here]
# It makes an environment of its own, .venv-docs, with nothing but the site's tools:
# docstrings are read, not imported. --here uses the active Python. The site is
# work_dirs/docs/site; its search works where it is served:
#   python -m http.server -b 127.0.0.1 -d work_dirs/docs/site
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON_FOR_VENV:-python3}
if [ "${1:-}" != "--here" ]; then
    stamp=.venv-docs/installed
    wanted=$(cat requirements/docs.txt requirements/constraints.txt)
    if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
        "$python" -m venv --clear .venv-docs
        .venv-docs/bin/python -m pip --disable-pip-version-check install --quiet \
            --constraint requirements/constraints.txt --requirement requirements/docs.txt
        echo "$wanted" >"$stamp"
    fi
    python=.venv-docs/bin/python
fi
"$python" tools/docs/stage_site.py work_dirs/docs
# Docstrings are found from the root. The theme announces another program at each start.
NO_MKDOCS_2_WARNING=1 PYTHONPATH=$PWD "$python" -m mkdocs build --strict --quiet \
    --config-file work_dirs/docs/mkdocs.yml
echo "the site: work_dirs/docs/site/index.html"
