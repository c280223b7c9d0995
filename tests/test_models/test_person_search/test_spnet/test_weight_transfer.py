"""Weight transfer against the public loader's record of which key went where."""

import json
import re

import pytest
import torch

from mmpsearch.models.converters.spnet import convert_spnet
from mmpsearch.models.person_search.spnet.weight_transfer import transfer_weights
from tests.test_models.golden import public_keys
from tests.test_models.test_person_search.test_spnet.spnet_reference import (
    DATA,
    public_state,
)

TABLES = {"head.reid_loss.lut": 3, "head.reid_loss.cq": 3}
QUEUES = {
    f"head.reid_loss.{prefix}{name}": 4
    for prefix in ("", "train_reid_loss.", "test_reid_loss.")
    for name in ("emb_cq", "label_cq", "age_cq")
}
# The public loader leaves the bridge of a query-centric checkpoint behind, where it is
# as it was initialised.
FRESH = {"keep_bridge": False}
UNREAD = re.compile(r"(momentum_encoder|reid_loss|scene_distillation)\.")
RUNS = json.loads((DATA / "weight_loading.json").read_text())


def empty_state(variant):
    """Shapes only: the names are what is tested."""
    keys = public_keys()["shapes"][variant]
    sizes = {**TABLES, **QUEUES}
    state = {
        key: torch.empty([sizes.get(key, shape[0]), *shape[1:]] if shape else [])
        for key, shape in keys.items()
    }
    return convert_spnet(state)


@pytest.mark.parametrize(
    ("run", "source", "target", "options"),
    [
        ("qc_to_spnet_s", "spnet_s_qc_pretrain", "spnet_s_oc", FRESH),
        ("oc_to_spnet_s", "spnet_s_oc_pretrain", "spnet_s_oc", {}),
        (
            "qc_to_c2_sep_d2048_PT",
            "spnet_s_qc_pretrain",
            "c2_sep_convnext_t",
            {**FRESH, "repeat_stages": False},
        ),
        (
            "qc_to_c2_sep_d2048_PT_Rep",
            "spnet_s_qc_pretrain",
            "c2_sep_convnext_t",
            FRESH,
        ),
        (
            "oc_to_c2_sep_d2048_PT_Rep",
            "spnet_s_oc_pretrain",
            "c2_sep_convnext_t",
            {},
        ),
        ("qc_to_c2_share_d128", "spnet_s_qc_pretrain", "c2_share_convnext_t", FRESH),
        (
            "qc_to_c0_sep_d128",
            "spnet_s_qc_pretrain",
            "c0_sep_convnext_t",
            {**FRESH, "repeat_stages": False},
        ),
    ],
)
def test_like_the_public_loader(run, source, target, options):
    expected = RUNS[run]
    pretrained, source_names = empty_state(source)
    model, names = empty_state(target)
    weights, report = transfer_weights(pretrained, model, UNREAD, **options)
    fresh = [names.renamed[key] for key in expected["left_at_init"]]
    assert sorted(k for k in report.initialised if k in names.renamed.values()) == (
        sorted(fresh)
    )
    assert len(report.kept) == expected["num_loaded_same_key"]
    assert report.copied == {
        names.renamed[key]: source_names.renamed[origin]
        for key, origin in expected["copied"].items()
    }
    assert set(weights) == set(report.kept) | set(report.copied)


def test_shape_mismatch_names_both_weights():
    pretrained, _ = empty_state("spnet_s_qc_pretrain")
    model = {"anchor_embedder.conv.bias": torch.empty(7)}
    with pytest.raises(ValueError, match="anchor_embedder.conv.bias has shape"):
        transfer_weights(pretrained, model, UNREAD)


def test_foreign_checkpoint_is_refused():
    with pytest.raises(ValueError, match="none of its weights fits"):
        transfer_weights(
            {"fc.weight": torch.empty(1)}, {"neck.weight": torch.empty(1)}, UNREAD
        )


def test_what_was_not_taken_over_is_named():
    pretrained, _ = empty_state("spnet_s_qc_pretrain")
    model, _ = empty_state("c2_sep_convnext_t")
    pretrained |= {"extra.layer.weight": torch.empty(1)}
    pretrained |= {"reid_loss.queue": torch.empty(1)}
    _, report = transfer_weights(pretrained, model, UNREAD, repeat_stages=False)
    kept, behind, fresh = report.not_taken_over().split("; ")
    assert kept == (
        "of the checkpoint, not used: box_embedder.projections.0 (5), "
        "box_embedder.projections.1 (5), extra.layer (1)"
    )
    assert behind.startswith("of the checkpoint, for its training alone: ")
    assert "reid_loss (" in behind
    assert "sp_blocks.1.regression (10)" in fresh and "detection_embedders.1" in fresh
    assert "sp_blocks.0" not in fresh


def test_the_bridge_of_any_pre_training_is_taken_over():
    """Only asked for it starts afresh."""
    bridge = {"sp_blocks.0.bridge.linear.bias": torch.arange(3.0)}
    model = {f"sp_blocks.{i}.bridge.linear.bias": torch.zeros(3) for i in range(2)}
    weights, _ = transfer_weights(bridge, model, UNREAD)
    assert all(torch.equal(weights[key], torch.arange(3.0)) for key in model)
    with pytest.raises(ValueError, match="none of its weights fits"):
        transfer_weights(bridge, model, UNREAD, keep_bridge=False)


def test_every_recorded_pair_is_tested():
    (mark,) = test_like_the_public_loader.pytestmark
    assert {row[0] for row in mark.args[1]} == set(RUNS)


def test_public_state_is_complete():
    assert len(public_state("spnet_s_oc", sizes=TABLES)) == 251
