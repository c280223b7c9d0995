"""What the golden numbers do not show: odd batches, and starting weights."""

import pytest
import torch
from mmengine.config import Config
from mmengine.structures import InstanceData

from mmpsearch.errors import ConversionError
from mmpsearch.models.converters.gfn import convert_gfn
from mmpsearch.models.person_search.gfn.filter_loss import gallery_filter_loss
from mmpsearch.models.person_search.gfn.fusion import QuerySceneFusion
from mmpsearch.models.person_search.gfn.scene_table import SceneBatch
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample

SIZE = (96, 128)


def tiny(**changes):
    config = Config.fromfile("configs/gfn/gfn-tiny_r18_synthetic.py").model
    config.data_preprocessor = None
    config.update(changes)
    torch.manual_seed(0)
    return MODELS.build(config)


def sample(image, ids):
    found = PersonSearchSample(
        metainfo=dict(
            img_id=image, img_shape=SIZE, pad_shape=SIZE, batch_input_shape=SIZE
        )
    )
    boxes = torch.tensor([[10.0, 5, 40, 90], [60, 10, 90, 80]])[: len(ids)]
    found.gt_instances = InstanceData(
        bboxes=boxes.reshape(-1, 4),
        labels=torch.zeros(len(ids), dtype=torch.int64),
        person_ids=torch.tensor(ids, dtype=torch.int64),
        unique_ids=torch.tensor([i if i >= 0 else 900 + image for i in ids]).long(),
    )
    return found


@pytest.mark.parametrize(
    "people", [[[], []], [[-1], [-1, -1]], [[3], []], [[3, 4], [3, -1]]]
)
@pytest.mark.parametrize(
    "changes",
    [{}, dict(objective="image"), dict(objective="separate", prototypes=True)],
)
def test_any_batch_has_finite_losses(people, changes):
    model = tiny(**changes).train()
    for step in range(2):  # the second with a filled table
        samples = [sample(2 * step + i, ids) for i, ids in enumerate(people)]
        losses = model.loss(torch.randn(2, 3, *SIZE), samples)
        total = sum(losses.values())
        assert torch.isfinite(total), losses
        total.backward()
    one = model.loss(torch.randn(1, 3, *SIZE), [sample(9, people[0])])
    assert all(torch.isfinite(value) for value in one.values())


def test_the_scenes_branch_starts_as_the_people_s():
    model = tiny()
    model.init_weights()
    head, scenes = model.search_head, model.scene_embedder
    for own, other in (
        (scenes.stage, head.search_stage),
        (scenes.embedding, head.embedding),
    ):
        for name, value in own.state_dict().items():
            assert torch.equal(value, other.state_dict()[name]), name


def test_queries_see_their_own_scene_only_through_its_vector():
    model = tiny().eval()
    picture, found = torch.randn(1, 3, *SIZE), sample(0, [1])
    del found.gt_instances
    found.query_instances = InstanceData(bboxes=torch.tensor([[10.0, 5, 40, 90]]))
    with torch.no_grad():
        (found,) = model.predict(picture, [found])
        scenes = model.embed_scenes(picture)
    assert torch.equal(found.scene_embedding, scenes[0])
    assert found.query_instances.scene_queries.shape == (1, 3 * 96 + 2)


def test_an_unknown_objective_and_another_checkpoint():
    with pytest.raises(ValueError, match="objective must be.*got 'scene'"):
        tiny(objective="scene")
    with pytest.raises(ConversionError, match="not a state dict of the public SeqNeXt"):
        convert_gfn({"backbone.conv1.weight": torch.ones(1)})


def test_a_query_is_drawn_to_scenes_that_show_it():
    """Training the vectors alone separates the scores."""
    torch.manual_seed(0)
    scenes = torch.randn(4, 8, requires_grad=True)
    queries = torch.randn(4, 8, requires_grad=True)
    ids = torch.tensor([0, 1, 0, 2])
    fusion = QuerySceneFusion(8)
    optimizer = torch.optim.Adam([scenes, queries, *fusion.parameters()], lr=0.05)
    first = None
    for _ in range(60):
        batch = SceneBatch(scenes, queries, torch.arange(4), ids, ids)
        loss = gallery_filter_loss(batch, fusion)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        first = float(loss.detach()) if first is None else first
    assert float(loss.detach()) < 0.5 * first
