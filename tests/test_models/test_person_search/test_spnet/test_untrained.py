"""Exactly the parts that no loss reaches want no gradient."""

import itertools

import pytest
import torch

from tests.test_models.tiny_spnet import (
    A_SAMPLE,
    DIMS,
    MOMENTUM_CONTRAST,
    OIM,
    QUERY_CENTRIC,
    SEPARATE,
    gradients,
    sample,
    scene,
    tiny_spnet,
    train_step,
)


def variant(pathway, reid, steps, embedder, norm="fixed_norm", classify=False):
    return {
        "train_pathway": {**pathway, "classify_first_stage": classify},
        "reid_loss": reid,
        "cascade_steps": steps,
        "detection_embedder": embedder,
        "sp_block": {"type": "mmpsearch.SPBlock", "embed_dims": DIMS, "logits": norm},
    }


VARIANTS = {}
for embedder_name, embedder in (("shared", None), ("separate", SEPARATE)):
    for reid_name, reid in (("oim", OIM), ("moco", MOMENTUM_CONTRAST), ("none", None)):
        name = f"{reid_name}-{embedder_name}"
        VARIANTS[f"qc-{name}"] = variant(QUERY_CENTRIC, reid, 0, embedder)
        VARIANTS[f"oc-{name}"] = variant(A_SAMPLE, reid, 0, embedder)
        VARIANTS[f"oc-cascade-{name}"] = variant(A_SAMPLE, reid, 1, embedder)
for norm, classify in itertools.product(("fixed_norm", "batch_norm"), (False, True)):
    name = norm + "-classify" * classify
    for pathway_name, pathway, steps in (
        ("oc", A_SAMPLE, 0),
        ("oc-cascade", A_SAMPLE, 1),
        ("qc", QUERY_CENTRIC, 0),
    ):
        VARIANTS[f"{pathway_name}-{name}"] = variant(
            pathway, OIM, steps, None, norm, classify
        )
for name, pathway in (
    ("oc-moco-ground-truth", A_SAMPLE),
    ("qc-moco-ground-truth", QUERY_CENTRIC),
):
    pathway = {**pathway, "reid_ground_truth_only": True}
    VARIANTS[name] = variant(pathway, MOMENTUM_CONTRAST, 0, None)
for name, steps, embedder in (("shared", 0, None), ("cascade-separate", 1, SEPARATE)):
    VARIANTS[f"reid-only-{name}"] = {
        "train_pathway": {"type": "mmpsearch.ReIDOnlyTraining"},
        "reid_loss": MOMENTUM_CONTRAST,
        "cascade_steps": steps,
        "detection_embedder": embedder,
    }


@pytest.mark.parametrize("name", VARIANTS)
def test_frozen_parts(name):
    model = tiny_spnet(**VARIANTS[name])
    wanted = set(gradients(model))
    for child, module in model.named_children():
        if child != "momentum_encoder":
            module.requires_grad_(True)
    train_step(model, *scene())
    reached = {key for key, value in gradients(model).items() if value is not None}
    assert reached == wanted


@pytest.mark.parametrize("name", VARIANTS)
def test_every_other_part_has_a_gradient_without_any_box(name):
    """Or distributed training would wait for this rank for ever."""
    model = tiny_spnet(**VARIANTS[name])
    inputs, _ = scene()
    losses = train_step(model, inputs, [sample([], []), sample([], [])])
    for key, value in gradients(model).items():
        assert value is not None, key
        assert value.isfinite().all(), key
    for key, value in losses.items():
        assert value.isfinite(), key
        if "anchor" not in key and "class" not in key:
            assert value == 0, key
    if model.train_pathway.query_centric:  # no query, no pair
        assert losses["loss_anchor"] == 0


def test_inference_models_are_left_alone():
    model = tiny_spnet(train_pathway=None, reid_loss=None)
    assert all(p.requires_grad for p in model.parameters())


def test_batch_norm_logits_of_the_first_stage_are_not_trained():
    block = {"type": "mmpsearch.SPBlock", "embed_dims": DIMS, "logits": "batch_norm"}
    model = tiny_spnet(sp_block=block, cascade_steps=1)
    assert not any(p.requires_grad for p in model.sp_blocks[0].logits.parameters())
    assert all(p.requires_grad for p in model.sp_blocks[1].logits.parameters())
    assert all(p.requires_grad for p in model.anchor_logits.parameters())
    train_step(model, *scene())
    torch.testing.assert_close(
        model.sp_blocks[0].logits.norm.weight, torch.ones(1), rtol=0, atol=0
    )
