"""The commands for several machines: two of them, played by processes on loopback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.distributed import _free_port
from tests.toy_training import toy_config_text

ROOT = Path(__file__).parents[2]


def start(command, **variables):
    environment = dict(
        os.environ,
        PYTHONPATH=str(ROOT),
        PYTHON=sys.executable,
        OMP_NUM_THREADS="1",
        CUDA_VISIBLE_DEVICES="",
        **variables,
    )
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ends_well(processes):
    for process in processes:
        _, error = process.communicate(timeout=300)
        assert process.returncode == 0, error[-2000:]


def torchrun(node, config, work, port):
    command = ["bash", "tools/dist_train.sh", config, 1, "--work-dir", work]
    variables = dict(NNODES="2", NODE_RANK=str(node), PORT=str(port))
    return start(command, MASTER_ADDR="127.0.0.1", **variables)


def slurm(node, config, work, port):
    command = [sys.executable, "tools/train.py", config, "--work-dir", work]
    variables = dict(SLURM_PROCID=str(node), SLURM_NTASKS="2", SLURM_LOCALID="0")
    return start(
        [*command, "--launcher", "slurm"],
        SLURM_JOB_NODELIST="node[1-2]",
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
        **variables,
    )


@pytest.mark.parametrize("launch", [torchrun, slurm])
def test_two_machines_train_as_one_job(launch, tmp_path):
    config = tmp_path / "toy.py"
    config.write_text(toy_config_text())
    work, port = tmp_path / "work", _free_port()
    ends_well([launch(node, config, work, port) for node in range(2)])
    checkpoint = torch.load(work / "epoch_4.pth", weights_only=False)
    assert checkpoint["message_hub"]["runtime_info"]["iter"] == 7  # half of 16, from 0


def test_amp_alone_is_float16():
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        from train import name_amp_type
    finally:
        sys.path.remove(str(ROOT / "tools"))
    assert name_amp_type(["--amp", "c.py"]) == ["--amp", "fp16", "c.py"]
    assert name_amp_type(["c.py", "--amp"]) == ["c.py", "--amp", "fp16"]
    assert name_amp_type(["c.py", "--amp", "bf16"]) == ["c.py", "--amp", "bf16"]
    assert name_amp_type(["c.py", "--resume"]) == ["c.py", "--resume"]
    assert name_amp_type(["--amp", "--resume"]) == ["--amp", "fp16", "--resume"]
    named = name_amp_type(["--amp", "mmpsearch::spnet/a.py", "bf16"])
    assert named == ["--amp", "fp16", "mmpsearch::spnet/a.py", "bf16"]
