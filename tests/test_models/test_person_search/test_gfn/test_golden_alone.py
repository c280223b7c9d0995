"""The filter's pairs, losses, table and scores, against the public implementation."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mmpsearch.models.person_search.gfn.filter_loss import gallery_filter_loss
from mmpsearch.models.person_search.gfn.fusion import QuerySceneFusion
from mmpsearch.models.person_search.gfn.pairs import (
    Pairs,
    cosines,
    nt_xent,
    people_of_scenes,
    query_scene_pairs,
)
from mmpsearch.models.person_search.gfn.scene_table import SceneBatch, SceneTable
from tests.test_models.test_person_search.test_gfn.network_scores import (
    scene_scores,
)

GOLDEN = np.load(Path(__file__).parents[3] / "data" / "gfn" / "alone.npz")
UNKNOWN = 5555  # larger ids have no identity label
CLOSE = dict(rtol=1e-4, atol=1e-6)


def get(name):
    return torch.from_numpy(np.asarray(GOLDEN[name]))


def fusion_of(activation="se"):
    fusion = QuerySceneFusion(8, activation)
    if activation != "identity":
        state = {
            key: get(f"bn_{key}")
            for key in ("weight", "bias", "running_mean", "running_var")
        }
        fusion.norm.load_state_dict(
            {**state, "num_batches_tracked": torch.tensor(0)}, strict=False
        )
    return fusion


def scenes_of(q, s, index, ids):
    labels = torch.where(ids > UNKNOWN, -1, ids - 1)
    return SceneBatch(s, q, index, labels, ids)


def batch_of(case):
    q = get("combined_batch/q").clone().requires_grad_()
    s = get("combined_batch/s").clone().requires_grad_()
    index = get("batch_image_of_query")
    return scenes_of(q, s, index, get("batch_person_id")), q, s


CASES = {
    "combined_batch": dict(),
    "combined_oim": dict(prototypes=True),
    "separate_batch": dict(objective="separate"),
    "separate_oim": dict(objective="separate", prototypes=True),
    "image": dict(objective="image"),
    "combined_batch_nofilter": dict(filtered=False),
    "separate_batch_nofilter": dict(objective="separate", filtered=False),
    "combined_batch_sum": dict(activation="sum"),
    "combined_batch_identity": dict(activation="identity"),
}


@pytest.mark.parametrize("case", CASES)
def test_losses_and_gradients(case):
    settings = dict(CASES[case])
    fusion = fusion_of(settings.pop("activation", "se")).train()
    if settings.pop("prototypes", False):
        settings["prototypes"] = get("lut")
    batch, q, s = batch_of(case)
    loss = gallery_filter_loss(batch, fusion, **settings)
    assert torch.allclose(loss, get(f"{case}/loss"), **CLOSE)
    loss.backward()
    for name, leaf in (("q", q), ("s", s)):
        want = get(f"{case}/grad_{name}")
        got = torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
        assert torch.allclose(got, want, rtol=1e-3, atol=1e-5), name
    if f"{case}/grad_bn_weight" in GOLDEN:
        norm = fusion.norm
        for got, name in (
            (norm.weight.grad, "grad_bn_weight"),
            (norm.bias.grad, "grad_bn_bias"),
            (norm.running_mean, "bn_running_mean_after"),
            (norm.running_var, "bn_running_var_after"),
        ):
            assert torch.allclose(got, get(f"{case}/{name}"), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("filtered", [True, False])
def test_pairs(filtered):
    batch, _, _ = batch_of("separate_batch")
    shows, shared = people_of_scenes(
        batch.unique_ids, batch.scene_index, len(batch.scenes)
    )
    pairs = query_scene_pairs(
        shows, shared, batch.scene_index, batch.person_ids >= 0, filtered
    )
    name = "separate_batch" + "_nofilter" * (not filtered)
    for kind, mask in (("pos", pairs.positive), ("neg", pairs.negative)):
        want = set(
            zip(
                get(f"{name}/{kind}_anchor").tolist(),
                get(f"{name}/{kind}_ref").tolist(),
                strict=True,
            )
        )
        assert {tuple(pair) for pair in mask.nonzero().tolist()} == want


def test_nt_xent_alone():
    a, b = (get(f"ntxent/{name}").clone().requires_grad_() for name in "ab")
    masks = torch.zeros(2, len(a), len(b), dtype=torch.bool)
    for mask, kind in zip(masks, ("pos", "neg"), strict=True):
        mask[get(f"ntxent/{kind}_anchor"), get(f"ntxent/{kind}_ref")] = True
    loss = nt_xent(cosines(a, b), Pairs(*masks), 0.1)
    assert torch.allclose(loss, get("ntxent/loss"), **CLOSE)
    loss.backward()
    assert torch.allclose(a.grad, get("ntxent/grad_a"), rtol=1e-3, atol=1e-6)
    assert torch.allclose(b.grad, get("ntxent/grad_b"), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    "name, objective, activation",
    [
        ("combined_se", "combined", "se"),
        ("combined_sum", "combined", "sum"),
        ("combined_identity", "combined", "identity"),
        ("separate", "separate", "se"),
        ("image", "image", "se"),
    ],
)
def test_scores(name, objective, activation):
    fusion = fusion_of(activation).eval()
    queries, own, gallery = (
        get(f"score/{key}") for key in ("query_emb", "query_scene", "gallery_scene")
    )
    got = scene_scores(queries, own, gallery, fusion, objective)
    assert torch.allclose(got, get(f"score/{name}"), **CLOSE)
    if objective == "combined" and activation != "identity":
        fused = fusion(queries, own)
        assert torch.allclose(fused, get(f"score/fused_query_{activation}"), **CLOSE)
        pairs = fusion.every_pair(queries, gallery)
        want = get(f"score/fused_gallery_{activation}")
        assert torch.allclose(pairs, want, **CLOSE)


@pytest.mark.parametrize(
    "case, objective, source",
    [
        ("lut_separate", "separate", "lut_separate"),
        ("lut_combined", "combined", "lut_separate"),
        ("lut_combined_oim", "combined", "lut_separate"),
        ("lut_separate_n2_0", "separate", "lut_separate_n2_0"),
    ],
)
def test_four_steps_with_the_table(case, objective, source):
    fusion, table = fusion_of().train(), SceneTable()
    prototypes = get("lut") if case.endswith("oim") else None
    for step in range(4):
        name = f"{case}/step{step}"
        images = get(f"{name}/image_id").tolist()
        index = get(f"{name}/image_of_query")
        q, s = (get(f"{name}/{key}").clone().requires_grad_() for key in "qs")
        batch = scenes_of(q, s, index, get(f"{name}/person_id"))
        chosen = [int(i) for i in GOLDEN[f"{source}/step{step}/chosen_image_ids"]]
        known = [int(i) for i in GOLDEN[f"{name}/table_image_ids_before"]]
        assert len(table) == len(known)
        enlarged = SceneBatch.join([batch, *table.rows(chosen, q.device)])
        loss = gallery_filter_loss(enlarged, fusion, objective, prototypes=prototypes)
        assert torch.allclose(loss, get(f"{name}/loss"), rtol=1e-3, atol=1e-6)
        loss.backward()
        for key, leaf in (("q", q), ("s", s)):
            got = torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
            want = get(f"{name}/grad_{key}")
            assert torch.allclose(got, want, rtol=1e-2, atol=1e-5), (step, key)
        table.store(images, batch)
