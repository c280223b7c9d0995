"""SPNet's losses and gradients against numbers of the public implementation.

The random choices (sampled anchors, query-image pairs) of that run are given, and
replace ours.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mmpsearch.models.converters.spnet import convert_spnet
from mmpsearch.models.person_search import region_sampling
from mmpsearch.models.person_search.spnet import query_centric_training as query_centric
from tests.test_models.test_person_search.test_spnet.spnet_reference import (
    build,
    disable_drop_path,
    golden,
    image,
    public_state,
    targets,
)
from tests.test_models.test_person_search.test_spnet.test_golden_inference import (
    CASCADE,
    close,
    oim,
)

FLAT_REGRESSION = [(f"regression_head.{t}.head", 0.002) for t in range(3)]
QUEUES = {
    f"head.reid_loss.{prefix}{name}": 32
    for prefix in ("", "train_reid_loss.", "test_reid_loss.")
    for name in ("emb_cq", "label_cq", "age_cq")
}
TABLES = {"head.reid_loss.lut": 10, "head.reid_loss.cq": 12}
MOMENTUM = {"type": "mmpsearch.MomentumContrastLoss", "queue_size": 32}
QUERY_CENTRIC = {"type": "mmpsearch.QueryCentricTraining"}


def prefill(model, expected) -> None:
    loss = model.reid_loss
    if "lut_before" in expected:
        loss.lookup_table = torch.from_numpy(expected["lut_before"])
        loss.circular_queue = torch.from_numpy(expected["cq_before"])
        loss.queue_head = torch.tensor(6)
    else:
        loss.queue = torch.from_numpy(expected["emb_cq_before"])
        loss.queue_ids = torch.from_numpy(expected["label_cq_before"])
        loss.queue_head = torch.tensor(10)


def given_samples(monkeypatch, expected) -> None:
    """Replace the random sampler by the indices of the public run, in call order."""
    calls = []
    for stage in range(3):
        if f"sample{stage}_idx" not in expected:
            break
        index = torch.from_numpy(expected[f"sample{stage}_idx"]).long()
        pools = expected[f"sample{stage}_pool"].tolist()
        starts = np.cumsum([0, *pools[:-1]]).tolist()
        parts = index.split(expected[f"sample{stage}_split"].tolist())
        calls += [part - start for part, start in zip(parts, starts, strict=True)]
    iterator = iter(calls)
    monkeypatch.setattr(region_sampling, "sample_balanced", lambda *_: next(iterator))


def given_pairs(monkeypatch, expected) -> None:
    # no pair has more good boxes than may be kept, so nothing else is random
    assert expected["reid_boxes_per_image"].sum() == (expected["reid_iou"] >= 0.7).sum()
    pairs = np.stack([expected["pair_image_idx"], expected["pair_query_idx"]], axis=1)
    monkeypatch.setattr(
        query_centric, "select_pairs", lambda *_: torch.from_numpy(pairs).long()
    )


def run(model, expected, size, known):
    """Losses and parameter gradients of one training step, ours by our names."""
    prefill(model, expected)
    model.train()
    disable_drop_path(model)
    samples = targets(expected, size, known)
    batch = torch.stack([image(f"spnet/image{i}", *size) for i in range(len(samples))])
    losses = model.loss(batch, samples)
    sum(losses.values()).backward()
    return losses


def check_losses(losses, expected) -> None:
    names = {
        "anchor_classification": "loss_anchor",
        "reid": "loss_reid",
        **{f"bbox_regression{t}": f"loss_box_{t}" for t in (1, 2, 3)},
        **{f"classification{t}": f"loss_class_{t}" for t in (1, 2, 3)},
    }
    theirs = dict(
        zip(expected["loss_names"].tolist(), expected["loss_values"], strict=True)
    )
    assert {names[name] for name in theirs} == set(losses)
    for name, value in theirs.items():
        close(losses[names[name]].detach(), value, 1e-3, 1e-4)


def check_gradients(model, expected, public) -> None:
    _, report = convert_spnet(public)
    parameters = dict(model.named_parameters())
    names, norms = expected["grad_names"].tolist(), expected["f64_grad_norms"]
    for name, norm in zip(names, norms, strict=True):
        gradient = parameters[report.renamed[name]].grad
        if norm < 0:
            assert gradient is None or gradient.abs().max() == 0, name
        else:
            close(gradient.norm(), norm, 2e-3, 1e-4)


@pytest.mark.parametrize("cascaded", [False, True], ids=["spnet_s", "cascade"])
def test_object_centric_with_oim(monkeypatch, cascaded):
    expected = golden(
        "loss_oc_oim_cascade_c2_sep" if cascaded else "loss_oc_oim_spnet_s"
    )
    variant = "c2_sep_convnext_t" if cascaded else "spnet_s_oc"
    gains = list(FLAT_REGRESSION)
    if cascaded:
        gains += [(f"align_emb_loc_head.{t}.head.weight", 0.207) for t in (1, 2)]
    public = public_state(variant, gains, TABLES)
    changes = {"reid_loss": oim(2048 if cascaded else 128)}
    changes.update(CASCADE if cascaded else {})
    model = build("spnet-s_convnext-t.py", changes, public)
    given_samples(monkeypatch, expected)
    losses = run(model, expected, (192, 192), known=10)
    check_losses(losses, expected)
    close(model.reid_loss.lookup_table, expected["lut_after"])
    close(model.reid_loss.circular_queue, expected["cq_after"])
    assert int(model.reid_loss.queue_head) == int(expected["header_after"])
    check_gradients(model, expected, public)


def test_object_centric_pretraining(monkeypatch):
    expected = golden("loss_oc_moco_spnet_s")
    public = public_state("spnet_s_oc_pretrain", FLAT_REGRESSION, QUEUES)
    changes = {"reid_loss": MOMENTUM, "train_pathway": {"samples_per_image": 256}}
    model = build("spnet-s_convnext-t.py", changes, public)
    given_samples(monkeypatch, expected)
    losses = run(model, expected, (192, 192), known=None)
    check_losses(losses, expected)
    check_queue(model, expected)
    check_gradients(model, expected, public)


@pytest.mark.parametrize("loss", ["oim", "moco"])
def test_query_centric(monkeypatch, loss):
    expected = golden(f"loss_qc_{loss}_spnet_s")
    gains = [*FLAT_REGRESSION, ("nae_head.projectors", 0.10)]
    variant = "spnet_s_qc_pretrain" if loss == "moco" else "spnet_s_oc"
    public = public_state(variant, gains, {**QUEUES, **TABLES})
    changes = {
        "reid_loss": MOMENTUM if loss == "moco" else oim(128),
        "train_pathway": QUERY_CENTRIC,
    }
    model = build("spnet-s_convnext-t.py", changes, public)
    given_pairs(monkeypatch, expected)
    selected = []
    select = query_centric.QueryCentricTraining._select
    monkeypatch.setattr(
        query_centric.QueryCentricTraining,
        "_select",
        lambda *args: selected.append(select(*args)) or selected[0],
    )
    losses = run(model, expected, (128, 128), known=10 if loss == "oim" else None)
    theirs = np.sort(expected["topk_idx"], axis=1)
    close(selected[0].sort(dim=1).values, theirs, 0, 0)
    check_losses(losses, expected)
    if loss == "moco":
        check_queue(model, expected)
    else:
        close(model.reid_loss.lookup_table, expected["lut_after"])
    check_gradients(model, expected, public)


def check_queue(model, expected) -> None:
    valid = expected["label_cq_after"] >= 0
    close(model.reid_loss.queue_ids, expected["label_cq_after"], 0, 0)
    close(
        model.reid_loss.queue[torch.from_numpy(valid)], expected["emb_cq_after"][valid]
    )
    assert int(model.reid_loss.queue_head) == int(expected["header_after"])
    assert F.normalize(model.reid_loss.queue, dim=1).norm(dim=1).max() < 1.001
