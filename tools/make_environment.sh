# Makes the Python environment; to be sourced: `source tools/make_environment.sh`.
#
#   make_environment [--here]
#
# Without --here it makes .venv in the repository and installs everything there, by
# requirements/constraints.txt; with --here it uses the active Python. A second call
# finds the work done. Afterwards $PYTHON runs the environment's Python.
#
# Environment: PYTHON_FOR_VENV  the Python to make .venv with (default: the first of
# python3, python, python3.13 ... python3.10 that is 3.10 or newer).
# MMPSEARCH_CONSTRAINTS  other versions than the tested ones: requirements/oldest.txt, or
# /dev/null for the newest.

MMPSEARCH_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
    printf '\nFAILED in step "%s": %s\n' "${STEP:-start}" "$1" >&2
    exit 1
}

step() {
    STEP=$1
    printf '\n==> %s  (%s)\n' "$STEP" "$(date +%H:%M:%S)"
}

_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

_find_python() {
    local name
    for name in ${PYTHON_FOR_VENV:-python3 python python3.13 python3.12 python3.11 python3.10}; do
        if command -v "$name" >/dev/null && _new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
    fail "no Python >= 3.10 found; install one, or name it: PYTHON_FOR_VENV=/path/to/python"
}

_make_venv() {
    local python=$1 folder=$2
    # A .venv that an interrupted call left without pip is made anew.
    if "$folder/bin/python" -m pip --version >/dev/null 2>&1; then return; fi
    rm -rf "$folder"
    "$python" -m venv "$folder" || {
        rm -rf "$folder"
        "$python" -m virtualenv --quiet "$folder" 2>/dev/null
    } || fail "$python cannot make a virtual environment; on Debian and Ubuntu: sudo apt install python3-venv. Or use an environment of your own: --here"
}

_pip() {
    "$PYTHON" -m pip --disable-pip-version-check install \
        --constraint "${MMPSEARCH_CONSTRAINTS:-requirements/constraints.txt}" "$@"
}

# What a package asks for, a line each, without Pillow.
_needs_but_pillow() {
    "$PYTHON" - "$1" <<'PY'
import sys
from importlib.metadata import requires
from pip._vendor.packaging.requirements import Requirement

for need in map(Requirement, requires(sys.argv[1])):
    if need.name != "pillow" and (not need.marker or need.marker.evaluate({"extra": ""})):
        print(str(need).partition(";")[0])
PY
}

# Changes with anything that decides what is installed, and with the place.
_fingerprint() {
    "$PYTHON" - <<'PY'
import hashlib, os, pathlib, sys
files = [*sorted(pathlib.Path("requirements").glob("*.txt")), "setup.py", "pyproject.toml"]
text = sys.version + str(pathlib.Path.cwd())
text += os.environ.get("MMPSEARCH_CONSTRAINTS", "")
text += "".join(pathlib.Path(file).read_text() for file in files)
print(hashlib.sha256(text.encode()).hexdigest())
PY
}

_install() {
    step "install MMCV (without its pip cache: a cached build may fit another PyTorch)"
    _pip --no-cache-dir --no-deps onedl-mmcv || fail "pip could not install onedl-mmcv"

    step "install PyTorch, MMDetection and the rest (some minutes)"
    _pip --requirement requirements/runtime.txt --requirement requirements/index.txt \
        --requirement requirements/cluster.txt --requirement requirements/export.txt \
        --requirement requirements/onnx.txt --requirement requirements/openvino.txt \
        --requirement requirements/quantise.txt \
        --requirement requirements/demo.txt --requirement requirements/zoo.txt \
        --requirement requirements/milvus.txt --requirement requirements/heatmaps.txt \
        --requirement requirements/archive.txt --requirement requirements/ray.txt \
        --requirement requirements/dev.txt ||
        fail "pip could not install the requirements; is PyPI reachable?"

    step "install Gradio (which asks for an older Pillow than the tested one)"
    _pip --no-deps --requirement requirements/app.txt &&
        _pip --requirement <(_needs_but_pillow gradio) ||
        fail "pip could not install Gradio"

    step "install mmpsearch"
    _pip --no-deps --no-build-isolation --editable . || fail "pip could not install mmpsearch"
}

_repair() {
    step "check what was installed"
    # Without libGL the other OpenCV package does not load; the headless one does.
    "$PYTHON" -c 'import cv2' 2>/dev/null ||
        _pip --force-reinstall --no-deps opencv-python-headless ||
        fail "OpenCV does not load and could not be replaced"
    if ! "$PYTHON" -c 'import mmpsearch.ops.mmcv_stand_in, warnings
warnings.simplefilter("error", RuntimeWarning)
import mmcv._ext'; then
        _pip --force-reinstall --no-cache-dir --no-deps onedl-mmcv ||
            fail "MMCV's compiled module does not load and could not be replaced"
    fi
    local output
    output=$("$PYTHON" -c 'import mmpsearch, mmdet.models, mmpretrain.models' 2>&1) ||
        fail "MMDetection does not import: $output"
}

make_environment() {
    cd "$MMPSEARCH_ROOT" || exit 1
    STEP="find Python"
    if [ "${1:-}" = "--here" ]; then
        PYTHON=$(command -v python || command -v python3) || fail "there is no active Python"
        _new_enough "$PYTHON" || fail "$PYTHON is older than 3.10"
    else
        local base
        base=$(_find_python) || exit 1
        if ! [ -x .venv/bin/python ]; then step "make .venv with $base"; fi
        _make_venv "$base" .venv
        PYTHON=$MMPSEARCH_ROOT/.venv/bin/python
    fi
    export PYTHON
    local stamp fingerprint
    stamp=$("$PYTHON" -c 'import sys; print(sys.prefix)')/.mmpsearch-installed
    fingerprint=$(_fingerprint) || fail "could not read requirements/"
    if [ "$(cat "$stamp" 2>/dev/null)" = "$fingerprint" ]; then
        echo "==> environment: $PYTHON (complete)"
        return
    fi
    _install
    _repair
    echo "$fingerprint" >"$stamp"
    STEP=
}
