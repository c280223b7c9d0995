#!/usr/bin/env bash
# Test on several GPUs (or CPU processes) of one machine, or of several:
#   bash tools/dist_test.sh CONFIG CHECKPOINT GPUS [options of test.py]
#   NNODES=2 NODE_RANK=0 MASTER_ADDR=host PORT=29500 bash tools/dist_test.sh ...
set -euo pipefail
if [ $# -lt 3 ]; then sed -n '2,4p' "$0" | cut -c3- >&2; exit 2; fi
config=$1 checkpoint=$2 gpus=$3
exec "${PYTHON:-python}" -m torch.distributed.run \
    --nnodes="${NNODES:-1}" \
    --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" \
    --master_port="${PORT:-29500}" \
    --nproc_per_node="$gpus" \
    "$(dirname "$0")/test.py" "$config" "$checkpoint" --launcher pytorch "${@:4}"
