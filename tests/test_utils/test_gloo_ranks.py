"""Ranks without GPUs: what Slurm says, in PyTorch's words."""

import pytest

from mmpsearch.errors import ConfigError
from mmpsearch.utils.gloo_ranks import join_gloo_ranks, slurm_variables


@pytest.mark.parametrize(
    "nodes, first",
    [("node7", "node7"), ("gpu[03-07,12]", "gpu03"), ("a1,b[2-3]", "a1")],
)
def test_the_first_machine_meets_the_others(nodes, first, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))  # no scontrol
    found = slurm_variables(
        {"SLURM_PROCID": "3", "SLURM_NTASKS": "8", "SLURM_JOB_NODELIST": nodes}
    )
    assert found == {
        "RANK": "3",
        "WORLD_SIZE": "8",
        "LOCAL_RANK": "0",
        "MASTER_ADDR": first,
        "MASTER_PORT": "29500",
    }


def test_scontrol_is_asked(monkeypatch, tmp_path):
    command = tmp_path / "scontrol"
    command.write_text("#!/bin/sh\necho host-of-$3\necho other\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    found = slurm_variables(
        {"SLURM_PROCID": "0", "SLURM_NTASKS": "2", "SLURM_NODELIST": "x[1-2]"}
    )
    assert found["MASTER_ADDR"] == "host-of-x[1-2]"


def test_who_was_not_started_is_told(monkeypatch):
    for name in ("RANK", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        ConfigError, match="SLURM_PROCID is not set; start it with srun"
    ):
        join_gloo_ranks("slurm")
    with pytest.raises(ConfigError, match="is no rank; start it with tools/dist_train"):
        join_gloo_ranks("pytorch")
    with pytest.raises(ConfigError, match="mpi: needs GPUs"):
        join_gloo_ranks("mpi")
