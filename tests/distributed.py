"""Run a function on several gloo ranks, to hold them against one process."""

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed
import torch.multiprocessing


def run_two_ranks(
    function: Callable[..., Any], *args: Any, ranks: int = 2
) -> list[Any]:
    """Call ``function(rank, *args)`` in fresh processes of one gloo group.

    Args:
        function: defined at the top level of an importable module (spawned processes
            find it by name); what it returns must go through `torch.save`.
        args: passed on to each; pickled.
        ranks: number of processes.

    Returns:
        What each rank returned, rank 0 first.

    Raises:
        torch.multiprocessing.ProcessRaisedException: with the traceback of the rank
            that failed first.
    """
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.start_processes(
            _run,
            args=(ranks, _free_port(), folder, function, args),
            nprocs=ranks,
            start_method="spawn",
        )
        return [
            torch.load(Path(folder) / f"{rank}.pt", weights_only=False)
            for rank in range(ranks)
        ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _run(rank, ranks, port, folder, function, args):
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", f"tcp://127.0.0.1:{port}", world_size=ranks, rank=rank
    )
    torch.save(function(rank, *args), Path(folder) / f"{rank}.pt")
    # A rank that leaves while another still talks to it makes gloo abort, and so do,
    # now and then, the destructors of native threads: wait, then leave without them.
    torch.distributed.barrier()
    os._exit(0)
