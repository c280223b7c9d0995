"""Table 6: what the re-id loss sees, and training with nothing else."""

import pytest
import torch

from tests.test_models.tiny_spnet import (
    A_SAMPLE,
    EVERYTHING,
    MOMENTUM_CONTRAST,
    OIM,
    QUERY_CENTRIC,
    scene,
    tiny_spnet,
    train_step,
)

RE_ID_ONLY = {"type": "mmpsearch.ReIDOnlyTraining"}


def ground_truth_only(pathway):
    return {**pathway, "reid_ground_truth_only": True}


def step_and_inputs(**options):
    """Losses of a step, and what the re-id loss was given."""
    model = tiny_spnet(reid_loss=MOMENTUM_CONTRAST, **options)
    given = []
    model.reid_loss.register_forward_pre_hook(
        lambda _, args, context: given.append({"embeddings": args[0], **context}),
        with_kwargs=True,
    )
    losses = train_step(model, *scene())
    return losses, given[0]


@pytest.mark.parametrize("pathway", [EVERYTHING, QUERY_CENTRIC], ids=["oc", "qc"])
def test_ground_truth_boxes_alone(pathway):
    pathway = {**pathway, "reid_iou": 0.1}
    torch.manual_seed(0)
    losses, given = step_and_inputs(train_pathway=pathway)
    torch.manual_seed(0)
    fewer, kept = step_and_inputs(train_pathway=ground_truth_only(pathway))
    assert len(given["unique_ids"]) > 3  # predicted boxes first, then three persons
    for key in ("embeddings", "momentum_embeddings", "unique_ids"):
        torch.testing.assert_close(kept[key], given[key][-3:])
    assert kept["unique_ids"].tolist() == [0, 100, 3]
    assert not kept["is_predicted"].any()
    assert losses.keys() == fewer.keys()
    for name in losses.keys() - {"loss_reid"}:
        assert losses[name] == fewer[name], name


def test_statistics_of_the_embeddings_see_each_ground_truth_box_once():
    """Without predicted boxes the batch norm's second call has no rows."""
    model = tiny_spnet(train_pathway=ground_truth_only(A_SAMPLE))
    train_step(model, *scene())
    norm = model.box_embedder.projections[0][1]
    assert int(norm.num_batches_tracked) == 1


def test_re_id_only_gives_the_re_id_loss_of_the_ground_truth():
    torch.manual_seed(0)
    losses, _ = step_and_inputs(train_pathway=ground_truth_only(A_SAMPLE))
    torch.manual_seed(0)
    alone, given = step_and_inputs(train_pathway=RE_ID_ONLY)
    assert alone == {"loss_reid": losses["loss_reid"]}
    assert given["unique_ids"].tolist() == [0, 100, 3]


def test_re_id_only_with_identities():
    model = tiny_spnet(train_pathway=RE_ID_ONLY, reid_loss={**OIM, "scale": 1.0})
    for _ in range(2):
        losses = train_step(model, *scene())
    assert losses.keys() == {"loss_reid"} and losses["loss_reid"] > 0
