"""A module is told what it names, no more."""

import pytest
import torch
from torch import nn

from mmpsearch.models.layers.context import call_in_context, names_context
from mmpsearch.models.losses import CircleLoss, IdentityCrossEntropy, OIMLoss
from mmpsearch.models.losses import TripletLoss as Triplet

EMBEDDINGS = torch.eye(4)[[0, 0, 1, 1]]
IDS = torch.tensor([0, 0, 1, 1])
CONTEXT = {"unique_ids": torch.tensor([7, 8, 9, 9]), "is_predicted": IDS > 0}


class NamesOne(nn.Module):
    def forward(self, embeddings, person_ids, unique_ids):
        return unique_ids.sum() + 0 * embeddings.sum()


class TakesAll(nn.Module):
    def forward(self, embeddings, person_ids, **context):
        return sorted(context)


def test_by_name_or_everything():
    assert float(call_in_context(NamesOne(), EMBEDDINGS, IDS, context=CONTEXT)) == 33
    given = call_in_context(TakesAll(), EMBEDDINGS, IDS, context=CONTEXT)
    assert given == ["is_predicted", "unique_ids"]
    assert names_context(NamesOne(), "unique_ids")
    assert not names_context(NamesOne(), "is_predicted")
    assert not names_context(TakesAll(), "unique_ids")  # it takes, but does not ask
    with pytest.raises(TypeError, match="unique_ids"):
        call_in_context(NamesOne(), EMBEDDINGS, IDS, context={})


@pytest.mark.parametrize(
    "loss",
    [Triplet(), CircleLoss(), IdentityCrossEntropy(2, 4), OIMLoss(2, 4, 3)],
    ids=lambda loss: type(loss).__name__,
)
def test_context_changes_nothing_for_a_loss_that_names_none(loss):
    """Also metric losses of re-ID models can be a person-search model's."""
    state = {key: value.clone() for key, value in loss.state_dict().items()}
    bare = loss(EMBEDDINGS, IDS)
    loss.load_state_dict(state)
    assert torch.equal(call_in_context(loss, EMBEDDINGS, IDS, context=CONTEXT), bare)
