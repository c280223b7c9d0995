"""A frozen backbone: everything else is trained (paper, Table 7)."""

import pytest
import torch
from mmengine.optim import build_optim_wrapper

from tests.test_models.tiny_spnet import (
    A_SAMPLE,
    MOMENTUM_CONTRAST,
    QUERY_CENTRIC,
    gradients,
    scene,
    tiny_spnet,
    train_step,
)


@pytest.mark.parametrize("pathway", [A_SAMPLE, QUERY_CENTRIC], ids=["oc", "qc"])
def test_only_the_backbone_keeps_its_weights(pathway):
    model = tiny_spnet(
        train_pathway=pathway, reid_loss=MOMENTUM_CONTRAST, freeze_backbone=True
    )
    before = {k: p.clone() for k, p in model.named_parameters()}
    wrapper = build_optim_wrapper(
        model,
        {
            "type": "OptimWrapper",
            "optimizer": {"type": "AdamW", "lr": 0.1, "weight_decay": 0.5},
            "paramwise_cfg": {"custom_keys": {"backbone": {"lr_mult": 0.1}}},
            "clip_grad": {"max_norm": 10},
        },
    )
    wrapper.update_params(sum(model.train().loss(*scene()).values()))
    still = {k for k, p in model.named_parameters() if torch.equal(p, before[k])}
    trained = {k for k, p in model.named_parameters() if p.requires_grad}
    frozen = {k for k in before if k.startswith("backbone.")}
    assert frozen <= still and not frozen & trained
    assert {k for k in trained if k.startswith("box_embedder.stage.")}
    # the bridge of the query-centric pathway is not trained either
    assert not trained & still


def test_no_graph_is_built_through_the_backbone():
    model = tiny_spnet(freeze_backbone=True).train()
    assert not any(m.requires_grad for m in model.extract(scene()[0]).stages)
    assert model.backbone.training
    train_step(model, *scene())
    assert not any(key.startswith("backbone.") for key in gradients(model))
