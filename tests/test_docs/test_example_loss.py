"""The loss of docs/add_a_method.md trains every person-search model."""

import pytest

from mmpsearch.registry import MODELS
from tests.test_docs.pages import ROOT, code_blocks
from tests.test_models.tiny_spnet import EVERYTHING, QUERY_CENTRIC, scene, tiny_spnet
from tests.test_models.tiny_two_stage import (
    HEADS,
    tiny_dkd,
    tiny_two_stage,
    two_stage_scene,
)

LOSS = {"type": "mmpsearch.ExampleLoss"}
SPNETS = {
    "SPNet": EVERYTHING,
    "SPNet query-centric": QUERY_CENTRIC,
    "SPNet re-id only": {"type": "mmpsearch.ReIDOnlyTraining"},
}


@pytest.fixture(autouse=True)
def _example():
    text = (ROOT / "docs/add_a_method.md").read_text(encoding="utf-8")
    (block,) = (b for b in code_blocks(text, "python runnable") if "ExampleLoss" in b)
    exec(compile(block, "docs", "exec"), {"__name__": "docs"})
    yield
    del MODELS.module_dict["ExampleLoss"]


def build(name):
    if name in SPNETS:
        return tiny_spnet(reid_loss=LOSS, train_pathway=SPNETS[name])
    if name == "DKD model":
        return tiny_dkd(reid_loss=LOSS)
    return tiny_two_stage(name, reid_loss=LOSS)


@pytest.mark.parametrize("name", [*SPNETS, *HEADS, "DKD model"])
def test_it_trains_the_model(name):
    model = build(name).train()
    inputs, samples = scene() if name in SPNETS else two_stage_scene()
    for sample in samples:  # one person in every image
        sample.gt_instances.unique_ids[0] = sample.gt_instances.person_ids[0] = 0
    losses = model.loss(inputs, samples)
    assert losses["loss_reid"].isfinite()
    losses["loss_reid"].backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    assert any(gradient.abs().sum() > 0 for gradient in gradients)
