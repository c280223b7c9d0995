"""Ranks on machines without GPUs, where MMEngine would ask for CUDA devices."""

import os
import re
import subprocess
from collections.abc import Mapping

import torch

from mmpsearch.errors import ConfigError

PORT = "29500"


def join_gloo_ranks(launcher: str) -> None:
    """Join the group of processes that ``torchrun`` or ``srun`` has started.

    Args:
        launcher: ``pytorch`` or ``slurm``.

    Raises:
        ConfigError: Another launcher, or it has not started this process.
    """
    if launcher == "slurm":
        os.environ.update(slurm_variables(os.environ))
    elif launcher != "pytorch":
        raise ConfigError(
            f"--launcher {launcher}: needs GPUs; without them use --launcher pytorch "
            "(tools/dist_train.sh) or slurm (tools/slurm_train.sh)"
        )
    if "RANK" not in os.environ:
        raise ConfigError(
            f"--launcher {launcher}: this process is no rank; start it with "
            "tools/dist_train.sh or torchrun --nproc-per-node N"
        )
    torch.distributed.init_process_group("gloo")


def slurm_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """What PyTorch reads of a job's ranks, by what Slurm says of them.

    Raises:
        ConfigError: Slurm has not started this process.
    """
    try:
        rank, ranks = environment["SLURM_PROCID"], environment["SLURM_NTASKS"]
    except KeyError as error:
        raise ConfigError(
            f"--launcher slurm: {error.args[0]} is not set; start it with srun "
            "(tools/slurm_train.sh)"
        ) from error
    return {
        "RANK": rank,
        "WORLD_SIZE": ranks,
        "LOCAL_RANK": environment.get("SLURM_LOCALID", "0"),
        "MASTER_ADDR": environment.get("MASTER_ADDR") or _first_host(environment),
        "MASTER_PORT": environment.get("MASTER_PORT", PORT),
    }


def _first_host(environment: Mapping[str, str]) -> str:
    """The first of ``node[03-07,12]``, as Slurm writes lists of machines."""
    names = environment.get("SLURM_JOB_NODELIST") or environment.get("SLURM_NODELIST")
    if not names:
        return "127.0.0.1"
    try:
        shown = subprocess.check_output(
            ["scontrol", "show", "hostnames", names], text=True
        )
        return shown.split()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        # machines without Slurm's own command: containers, mostly
        first = re.match(r"([^,\[]+)(?:\[(\d+))?", names)
        return f"{first[1]}{first[2] or ''}" if first else names
