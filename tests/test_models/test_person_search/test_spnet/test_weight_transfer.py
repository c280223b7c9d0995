"""Weight transfer against the public loader's record of which key went where."""

import json

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
        ("qc_to_spnet_s", "spnet_s_qc_pretrain", "spnet_s_oc", {}),
        ("oc_to_spnet_s", "spnet_s_oc_pretrain", "spnet_s_oc", {"keep_bridge": True}),
        (
            "qc_to_c2_sep_d2048_PT",
            "spnet_s_qc_pretrain",
            "c2_sep_convnext_t",
            {"repeat_stages": False},
        ),
        ("qc_to_c2_sep_d2048_PT_Rep", "spnet_s_qc_pretrain", "c2_sep_convnext_t", {}),
        (
            "oc_to_c2_sep_d2048_PT_Rep",
            "spnet_s_oc_pretrain",
            "c2_sep_convnext_t",
            {"keep_bridge": True},
        ),
        ("qc_to_c2_share_d128", "spnet_s_qc_pretrain", "c2_share_convnext_t", {}),
        (
            "qc_to_c0_sep_d128",
            "spnet_s_qc_pretrain",
            "c0_sep_convnext_t",
            {"repeat_stages": False},
        ),
    ],
)
def test_like_the_public_loader(run, source, target, options):
    expected = RUNS[run]
    pretrained, source_names = empty_state(source)
    model, names = empty_state(target)
    weights, report = transfer_weights(pretrained, model, **options)
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
        transfer_weights(pretrained, model)


def test_foreign_checkpoint_is_refused():
    with pytest.raises(ValueError, match="none of its weights fits"):
        transfer_weights({"fc.weight": torch.empty(1)}, {"neck.weight": torch.empty(1)})


def test_every_recorded_pair_is_tested():
    (mark,) = test_like_the_public_loader.pytestmark
    assert {row[0] for row in mark.args[1]} == set(RUNS)


def test_public_state_is_complete():
    assert len(public_state("spnet_s_oc", sizes=TABLES)) == 251
