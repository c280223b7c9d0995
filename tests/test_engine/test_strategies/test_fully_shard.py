"""Two ranks that share out a model take the steps of one process that has it whole."""

import pytest
import torch
import torch.distributed.fsdp
from torch.testing import assert_close

from mmpsearch.errors import ConfigError
from mmpsearch.registry import STRATEGIES
from tests.distributed import run_two_ranks
from tests.test_models.test_selfsup.rank_steps import WRAPPER, take_steps, train
from tests.test_models.test_selfsup.small import small_model

if not hasattr(torch.distributed.fsdp, "fully_shard"):
    pytest.skip("needs PyTorch 2.6 or newer", allow_module_level=True)

BLOCKS = ["student.backbone.blocks", "teacher.backbone.blocks"]


def prepared(folder, **settings):
    environment = dict(launcher="pytorch", randomness=dict(seed=0))
    strategy = STRATEGIES.build(
        dict(
            type="mmpsearch.FullyShardStrategy",
            work_dir=str(folder),
            env_kwargs=environment,
            log_kwargs=dict(log_level="ERROR"),
            **settings,
        )
    )
    wrapper = {**WRAPPER, "constructor": "mmpsearch.DecayGroupsConstructor"}
    strategy.prepare(small_model(momentum=0.9), optim_wrapper=wrapper)
    return strategy


def sharded(rank, folder):
    torch.manual_seed(rank)  # rank 0's beginning counts, and is then overwritten
    strategy = prepared(
        folder, units=BLOCKS, activation_checkpointing=["student.backbone.blocks"]
    )
    strategy.load_model_state_dict(small_model(momentum=0.9).state_dict(), strict=True)
    weight = strategy.model.student.backbone.blocks[0].attn.qkv.weight
    share = weight.to_local().numel() / weight.numel()
    losses = take_steps(strategy.model, strategy.optim_wrapper, rank)
    strategy.save_checkpoint(f"{folder}/whole.pth", extra_ckpt=dict(meta=dict(iter=3)))
    torch.distributed.barrier()
    again = prepared(folder)  # cut otherwise
    again.resume(f"{folder}/whole.pth")
    again.save_checkpoint(f"{folder}/again.pth", extra_ckpt=dict(meta=dict(iter=3)))
    return dict(losses=losses, share=share)


def test_two_ranks_are_one_process(tmp_path):
    ranks = run_two_ranks(sharded, str(tmp_path))
    assert [rank["share"] for rank in ranks] == [0.5, 0.5]
    expected = train(None)
    losses = torch.stack([rank["losses"] for rank in ranks]).mean(0)
    assert_close(losses, expected["losses"], atol=1e-5, rtol=1e-5)
    saved = torch.load(tmp_path / "whole.pth", weights_only=True)
    assert saved["state_dict"].keys() == expected["state"].keys()
    for name, value in expected["state"].items():
        assert_close(saved["state_dict"][name], value, atol=2e-5, rtol=1e-4, msg=name)
    again = torch.load(tmp_path / "again.pth", weights_only=True)
    assert_close(again["state_dict"], saved["state_dict"], atol=0, rtol=0)
    before, after = saved["optimizer"], again["optimizer"]
    assert before["state"]["student.backbone.cls_token"]["step"] == 3
    assert_close(after["state"], before["state"], atol=0, rtol=0)
    for key in ("params", "weight_decay", "lr"):
        groups = [group[key] for group in before["param_groups"]]
        assert [group[key] for group in after["param_groups"]] == groups


def no_such_part(rank, folder):
    with pytest.raises(ConfigError, match="no module 'student.blocks'.*student, teach"):
        prepared(folder, units=["student.blocks"])


def test_a_unit_that_is_not_there(tmp_path):
    run_two_ranks(no_such_part, str(tmp_path), ranks=1)
