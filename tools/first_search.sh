#!/usr/bin/env bash
# A search for a real person: bash tools/first_search.sh [--here] [--from FOLDER]
#
# Makes the environment (.venv, or the active one with --here), gets a detector, an
# embedder and a sample video by name, and looks for a woman in it. --from FOLDER takes
# the files from there (below it, under their own names) in place of the internet.
# The answer lies in work_dirs/first_search.
set -euo pipefail
source "$(dirname "$0")/make_environment.sh"
ARGUMENTS=()
FROM=
while [ $# -gt 0 ]; do
    case "$1" in
    --here) ARGUMENTS+=("$1") ;;
    --from)
        FROM=${2:-}
        [ -d "$FROM" ] || { echo "first_search.sh: --from needs a folder that exists" >&2; exit 2; }
        FROM=$(cd "$FROM" && pwd)
        shift
        ;;
    *)
        echo "first_search.sh: unknown option $1 (there are --here and --from FOLDER)" >&2
        exit 2
        ;;
    esac
    shift
done
make_environment "${ARGUMENTS[@]}"

OUT=work_dirs/first_search
MODEL=yolox-nano+retail-0287
mkdir -p $OUT
if [ -n "$FROM" ]; then
    # one flat folder of links, as a mirror of downloads is
    mkdir -p $OUT/files
    find "$FROM" -type f -exec ln -sf {} $OUT/files/ \;
    export MMPSEARCH_MIRROR=$PWD/$OUT/files
fi

step "get detector, embedder and sample video"
"$PYTHON" -m mmpsearch download "$MODEL" || fail "see above; --from FOLDER takes files that you have"
VIDEO=$("$PYTHON" -m mmpsearch sample one-by-one) || fail "see above; --from FOLDER takes files that you have"

step "look for the woman of frame 520"
"$PYTHON" - "$VIDEO" 520 $OUT/query.png <<'PY' || fail "the video could not be read"
import sys
import cv2
from mmpsearch.apis.image_sources import read_frame
video, frame, target = sys.argv[1:]
cv2.imwrite(target, read_frame(video, int(frame)))
PY
"$PYTHON" demo/search_person.py --model "$MODEL" --query $OUT/query.png \
    --box 392 5 557 407 --gallery "$VIDEO" --frame-step 10 --out $OUT ||
    fail "the search stopped"
echo "==> the answer: $OUT/ranked.html"
