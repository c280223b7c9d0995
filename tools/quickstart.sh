#!/usr/bin/env bash
# From nothing to ranked pictures: bash tools/quickstart.sh [--here] [--first-answer]
#
# Makes the environment (.venv, or the active one with --here) and gives a first answer
# within a minute: a search of a few rendered scenes with weights that come along.
# --first-answer stops there. Else it renders the synthetic benchmark, trains SPNet from
# scratch and from query-centric pre-training, tests both beside a colour-histogram
# baseline, and searches for three people. Everything lies in work_dirs/quickstart; a
# second call reuses what exists.
set -euo pipefail
source "$(dirname "$0")/make_environment.sh"
STARTED=$(date +%s)
FIRST_ANSWER_ONLY=
ARGUMENTS=()
for argument in "$@"; do
    case "$argument" in
    --first-answer) FIRST_ANSWER_ONLY=1 ;;
    --here) ARGUMENTS+=("$argument") ;;
    *)
        echo "quickstart.sh: unknown option $argument (there are --here and --first-answer)" >&2
        exit 2
        ;;
    esac
done
make_environment "${ARGUMENTS[@]}"

OUT=work_dirs/quickstart
DATA=data/synthetic
FINETUNE=configs/spnet/spnet-tiny_r18_oc-finetune_synthetic.py
PRETRAIN=configs/spnet/spnet-tiny_r18_qc-pretrain_synthetic.py
mkdir -p $OUT
# Steps that are done are not repeated, whatever has changed since: say so.
COMMIT=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -f $OUT/commit ] || echo "$COMMIT" >$OUT/commit
if [ "$(cat $OUT/commit)" != "$COMMIT" ]; then
    echo "==> $OUT was begun at commit $(cat $OUT/commit), this is $COMMIT; to start anew: rm -r $OUT"
fi
export PYTHONUNBUFFERED=1
# The programs end with this shell, also when it is killed.
export MMPSEARCH_END_WITH=$$
# One thread is as fast as two on such small pictures; the other core trains as well.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"

# timed NAME TITLE COMMAND...: runs a step once, remembers how long it took
timed() {
    local name=$1 title=$2 start
    shift 2
    if [ -f "$OUT/$name.seconds" ]; then
        echo "==> $title: done before ($(cat "$OUT/$name.seconds") s)"
        return
    fi
    step "$title"
    start=$(date +%s)
    "$@" || fail "the command above stopped: $*"
    echo $(($(date +%s) - start)) >"$OUT/$name.seconds.tmp"
    mv "$OUT/$name.seconds.tmp" "$OUT/$name.seconds"
}

# --resume goes on where an interrupted call was stopped
train() {
    local config=$1 folder=$2
    shift 2
    "$PYTHON" tools/train.py "$config" --work-dir "$OUT/$folder" --resume "$@"
}

render() {
    "$PYTHON" tools/dataset_tools/make_synthetic.py --layout prw --out $DATA/prw &&
        "$PYTHON" tools/dataset_tools/make_synthetic.py --layout coco --out $DATA/coco
}

last_checkpoint() { echo "$OUT/$1/$(basename "$(cat "$OUT/$1/last_checkpoint")")"; }

first_answer() {
    "$PYTHON" tools/dataset_tools/make_synthetic.py --layout prw --out data/first_answer \
        --seed 1 --scenes 2 --identities 4 --test-identities 8 --gallery-scenes 36 \
        --query-scenes 8 &&
        "$PYTHON" tools/experiments/quickstart_search.py --config $FINETUNE \
            --checkpoint demo/first_answer/spnet-tiny.pth --data-root data/first_answer \
            --number 3 --out $OUT/first_answer
}

timed first_answer "first answer: search rendered scenes with weights that come along" \
    first_answer
if [ -n "$FIRST_ANSWER_ONLY" ]; then
    echo "==> the answer: $OUT/first_answer/*/ranked.html; to train a model of your own: bash tools/quickstart.sh"
    exit
fi

timed render "render the synthetic benchmark" render
timed colour_histogram "evaluate the colour-histogram baseline" \
    "$PYTHON" tools/analysis_tools/colour_histogram.py $FINETUNE \
    --out $OUT/colour_histogram.json

# From scratch in the background, while the pre-trained one is in sight.
echo "training from scratch beside the following steps; log: $OUT/scratch.log"
set -m # a process group of its own: all of it is ended where a later step fails
timed scratch "train SPNet from scratch" train $FINETUNE scratch >$OUT/scratch.log 2>&1 &
scratch=$!
set +m
trap 'kill -- -$scratch 2>/dev/null || true' EXIT
timed qc_pretrain "pre-train SPNet query-centric, without identities" \
    train $PRETRAIN qc_pretrain \
    --cfg-options val_cfg=None val_dataloader=None val_evaluator=None
timed qc_finetune "fine-tune the pre-trained SPNet" train $FINETUNE qc_finetune \
    --cfg-options "model.pretrained.checkpoint=$(last_checkpoint qc_pretrain)"
step "train SPNet from scratch (wait for its end)"
wait $scratch || fail "see $OUT/scratch.log"
timed scratch_test "test SPNet from scratch" "$PYTHON" tools/test.py $FINETUNE \
    "$(last_checkpoint scratch)" --work-dir $OUT/scratch_test
timed qc_test "test the pre-trained SPNet" "$PYTHON" tools/test.py $FINETUNE \
    "$(last_checkpoint qc_finetune)" --work-dir $OUT/qc_test
timed search "search for three people" "$PYTHON" tools/experiments/quickstart_search.py \
    --config $FINETUNE --checkpoint "$(last_checkpoint qc_finetune)" \
    --out $OUT/ranked

step "collect the results"
"$PYTHON" tools/experiments/quickstart_report.py $OUT \
    --total-seconds $(($(date +%s) - STARTED)) || fail "the results could not be read"
