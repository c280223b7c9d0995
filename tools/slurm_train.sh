#!/usr/bin/env bash
# Train under Slurm:
#   [GPUS=8] [GPUS_PER_NODE=8] [CPUS_PER_TASK=5] [SRUN_ARGS=...] \
#     bash tools/slurm_train.sh PARTITION JOB_NAME CONFIG WORK_DIR [options of train.py]
set -euo pipefail
if [ $# -lt 4 ]; then sed -n '2,4p' "$0" | cut -c3- >&2; exit 2; fi
partition=$1 job=$2 config=$3 work_dir=$4
per_node=${GPUS_PER_NODE:-8}
# SRUN_ARGS is a list of words
# shellcheck disable=SC2086
exec srun --partition="$partition" --job-name="$job" \
    --gres="gpu:$per_node" --ntasks="${GPUS:-8}" --ntasks-per-node="$per_node" \
    --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 ${SRUN_ARGS:-} \
    python -u "$(dirname "$0")/train.py" "$config" \
    --work-dir "$work_dir" --launcher slurm "${@:5}"
