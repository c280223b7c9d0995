"""The whole model: invariants of training and prediction."""

import pytest
import torch
from mmengine.structures import InstanceData

from mmpsearch.errors import CheckpointError
from mmpsearch.structures import PersonSearchSample
from tests.test_models.tiny_spnet import (
    A_SAMPLE,
    DIMS,
    EVERYTHING,
    FIRST_BOX,
    MOMENTUM_CONTRAST,
    QUERY_CENTRIC,
    SECOND_BOX,
    SEPARATE,
    SHAPE,
    THIRD_BOX,
    gradients,
    sample,
    scene,
    tiny_spnet,
    train_step,
)

MODELS = {
    "oc-oim": {},
    "oc-oim-cascade": {"cascade_steps": 2, "detection_embedder": SEPARATE},
    "oc-oim-shared-cascade": {"cascade_steps": 1},
    "oc-moco": {"reid_loss": MOMENTUM_CONTRAST},
    "qc-oim": {"train_pathway": QUERY_CENTRIC},
    "qc-moco": {"train_pathway": QUERY_CENTRIC, "reid_loss": MOMENTUM_CONTRAST},
}
BATCHES = {
    "one image": [sample([FIRST_BOX, SECOND_BOX], [0, -1])],
    "one box": [sample([FIRST_BOX], [2])],
    "an image without boxes": [sample([FIRST_BOX], [1]), sample([], [])],
    "no boxes": [sample([], []), sample([], [])],
    "one image without boxes": [sample([], [])],
    "only unlabelled people": [
        sample([FIRST_BOX, SECOND_BOX], [-1, -1], [100, 101]),
        sample([THIRD_BOX], [-1], [102]),
    ],
    "a person twice in an image": [sample([FIRST_BOX, SECOND_BOX], [3, 3])] * 2,
    "a box beside all anchors": [sample([[300.0, 300, 310, 310]], [1])],
    "a box of no area": [sample([[20.0, 20, 20, 20], FIRST_BOX], [1, 2])],
    "a box as large as the image": [sample([[0.0, 0, 96, 64]], [1])],
}


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("name", MODELS)
def test_any_batch_gives_finite_losses_and_gradients(name, batch):
    model = tiny_spnet(**{"train_pathway": A_SAMPLE, **MODELS[name]})
    samples = BATCHES[batch]
    inputs = torch.randn(len(samples), 3, *SHAPE)
    for _ in range(2):  # with empty tables, then with tables that this batch filled
        model.zero_grad()
        losses = train_step(model, inputs, samples)
        assert all(value.isfinite() for value in losses.values()), losses
        assert all(value.dtype == torch.float32 for value in losses.values())
        for key, value in gradients(model).items():
            assert value is not None, key
            assert value.isfinite().all(), key
    for key, value in model.state_dict().items():
        assert value.isfinite().all(), key


@pytest.mark.parametrize("name", ["oc-oim", "qc-oim"])
def test_unlabelled_people_are_detected_but_not_told_apart(name):
    model = tiny_spnet(**MODELS[name])
    inputs = torch.randn(2, 3, *SHAPE)
    losses = train_step(model, inputs, BATCHES["only unlabelled people"])
    assert losses["loss_reid"] == 0
    assert losses["loss_anchor"] > 0 and losses["loss_box_1"] > 0
    assert model.reid_loss.lookup_table.abs().max() == 0
    assert model.reid_loss.circular_queue.abs().max() > 0


def test_all_anchors_ignored():
    pathway = {
        **EVERYTHING,
        "match_iou": 2.0,
        "ignore_iou": -1.0,
        "match_low_quality": False,
    }
    model = tiny_spnet(train_pathway=pathway)
    losses = train_step(model, *scene())
    assert losses["loss_anchor"] == losses["loss_box_1"] == 0
    assert losses["loss_reid"].isfinite()
    assert all(value.isfinite().all() for value in gradients(model).values())


def test_order_of_the_images_does_not_matter():
    inputs, samples = scene(4)
    order = [2, 0, 3, 1]
    results = []
    for index in (range(4), order):
        model = tiny_spnet(detection_embedder=SEPARATE)
        # a filled table, so that re-identification has a gradient
        model.reid_loss.lookup_table.copy_(torch.eye(6, DIMS))
        losses = train_step(model, inputs[list(index)], [samples[i] for i in index])
        results.append((losses, gradients(model)))
    (first, first_gradients), (second, second_gradients) = results
    assert first["loss_reid"] > 0
    torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(first_gradients, second_gradients, rtol=1e-3, atol=1e-4)


def test_padding_is_no_place_for_boxes():
    inputs, _ = scene(1)
    box = [13.0, 9.0, 35.0, 40.0]
    model = tiny_spnet().eval()
    given = sample([box], [0], shape=(40, 50))
    with torch.inference_mode():
        (result,) = model.predict(inputs, [given])
    found = result.pred_instances.bboxes
    assert len(found) and (found >= 0).all()
    assert (found[:, 2] <= 50).all() and (found[:, 3] <= 40).all()


def described(query_boxes, scale=(1.0, 1.0)):
    made = PersonSearchSample(metainfo={"img_shape": SHAPE, "scale_factor": scale})
    boxes = torch.tensor(query_boxes, dtype=torch.float32).view(-1, 4)
    made.query_instances = InstanceData(
        bboxes=boxes, query_ids=torch.arange(len(boxes))
    )
    made.gt_instances = InstanceData(bboxes=boxes.flip(0))
    return made


@pytest.mark.parametrize("steps", [0, 2])
@torch.inference_mode()
def test_predict_gives_boxes_of_the_original_image_and_embeddings(steps):
    model = tiny_spnet(
        cascade_steps=steps, embed_ground_truth=True, search={"score_threshold": 0.0}
    ).eval()
    inputs, _ = scene()
    plain = model.predict(inputs, [described([FIRST_BOX, SECOND_BOX]), described([])])
    scaled = model.predict(
        inputs, [described([FIRST_BOX], (2.0, 0.5)), described([], (4.0, 1.0))]
    )
    for first, second, scale in zip(
        plain, scaled, ((2, 0.5, 2, 0.5), (4, 1, 4, 1)), strict=True
    ):
        found = first.pred_instances
        assert len(found) > 0
        assert found.embeddings.shape == (len(found), DIMS)
        assert (found.labels == 0).all() and found.labels.dtype == torch.int64
        assert (found.scores.diff() <= 0).all()
        assert ((found.scores >= 0) & (found.scores <= 1)).all()
        expected = found.bboxes / torch.tensor(scale)
        torch.testing.assert_close(second.pred_instances.bboxes, expected)
    features = model.extract(inputs)
    boxes = torch.tensor([FIRST_BOX, SECOND_BOX])
    expected = model.box_embedder(features, boxes, torch.tensor([0, 0]))
    torch.testing.assert_close(plain[0].query_instances.embeddings, expected)
    torch.testing.assert_close(plain[0].gt_instances.embeddings, expected.flip(0))
    assert plain[1].query_instances.embeddings.shape == (0, DIMS)


@torch.inference_mode()
def test_predict_needs_neither_queries_nor_ground_truth():
    model = tiny_spnet(train_pathway=None, reid_loss=None).eval()
    made = PersonSearchSample(metainfo={"img_shape": SHAPE})
    (result,) = model.predict(scene(1)[0], [made])
    assert "query_instances" not in result
    assert "embeddings" in result.pred_instances
    given = described([FIRST_BOX])
    (result,) = model.predict(scene(1)[0], [given])
    assert "embeddings" not in result.gt_instances  # not asked for


@torch.inference_mode()
def test_a_batch_predicts_what_its_images_do_alone():
    model = tiny_spnet(search={"score_threshold": 0.0, "max_boxes": 20}).eval()
    inputs, _ = scene()
    together = model.predict(inputs, [described([FIRST_BOX]) for _ in range(2)])
    for index, joint in enumerate(together):
        (alone,) = model.predict(inputs[index : index + 1], [described([FIRST_BOX])])
        for key in ("bboxes", "scores", "embeddings"):
            torch.testing.assert_close(
                joint.pred_instances[key],
                alone.pred_instances[key],
                rtol=1e-3,
                atol=1e-3,
            )
        torch.testing.assert_close(
            joint.query_instances.embeddings, alone.query_instances.embeddings
        )


@torch.inference_mode()
def test_search_image_finds_a_person_by_its_anchor():
    """Query-centric and object-centric search share the weights."""
    model = tiny_spnet(search={"score_threshold": 0.0}).eval()
    features = model.extract(scene(1)[0])
    embeddings, anchors = model.anchor_embedder(features.pyramid, SHAPE)
    for regression in model.sp_blocks[0].regression.output.parameters():
        regression.zero_()  # boxes stay on their anchors
    found = model.search_image(features, SHAPE, embeddings[0, 500:501])
    assert torch.equal(found.boxes[0].clamp(min=0), anchors[500].clamp(min=0))
    assert found.scores[0] == found.scores.max() > 0.99


@pytest.mark.parametrize("pathway", [EVERYTHING, QUERY_CENTRIC])
def test_losses_stay_in_float32_under_autocast(pathway):
    for loss in ({}, {"reid_loss": MOMENTUM_CONTRAST}):
        torch.manual_seed(0)
        model = tiny_spnet(train_pathway=pathway, **loss).train()
        inputs, samples = scene()
        norms = []
        model.anchor_logits.register_forward_hook(
            lambda _, given, __, norms=norms: norms.append(given[0].dtype)
        )
        for _ in range(2):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                losses = model.loss(inputs, samples)
            for name, value in losses.items():
                assert value.dtype == torch.float32, name
                assert value.isfinite(), name
            model.zero_grad()
            sum(losses.values()).backward()
            for name, value in gradients(model).items():
                assert value.isfinite().all(), name
        assert set(norms) == {torch.float32}


@torch.inference_mode()
def test_predictions_are_float32_under_autocast():
    model = tiny_spnet(search={"score_threshold": 0.0}, cascade_steps=1).eval()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        (result,) = model.predict(scene(1)[0], [described([FIRST_BOX])])
    found = result.pred_instances
    assert {found[k].dtype for k in ("bboxes", "scores", "embeddings")} == {
        torch.float32
    }
    assert result.query_instances.embeddings.dtype == torch.float32
    assert all(found[key].isfinite().all() for key in ("bboxes", "embeddings"))


def test_momentum_encoder_in_training():
    model = tiny_spnet(reid_loss=MOMENTUM_CONTRAST, momentum_rate=0.25).train()
    with torch.no_grad():  # as if other weights were loaded after construction
        for parameter in model.backbone.parameters():
            parameter.mul_(1.5)
    inputs, samples = scene()
    start = {k: p.clone() for k, p in model.backbone.named_parameters()}
    average = model.momentum_encoder.module["backbone"]
    train_step(model, inputs, samples)
    for name, parameter in average.named_parameters():  # nothing has moved yet
        assert torch.equal(parameter, start[name])
        assert parameter.grad is None
    with torch.no_grad():
        for parameter in model.backbone.parameters():
            parameter.add_(1.0)
    train_step(model, inputs, samples)
    for name, parameter in average.named_parameters():
        torch.testing.assert_close(parameter, start[name] + 0.25)
    assert average.training
    assert not model.eval().momentum_encoder.training


def test_momentum_embeddings_are_those_of_the_encoder_at_the_start():
    """Then every box is compared with the mean of the very same embeddings."""
    model = tiny_spnet(reid_loss=MOMENTUM_CONTRAST).train()
    given = []
    model.reid_loss.register_forward_pre_hook(
        lambda _, args, context: given.append({"embeddings": args[0], **context}),
        with_kwargs=True,
    )
    model.loss(*scene())
    torch.testing.assert_close(
        given[0]["embeddings"], given[0]["momentum_embeddings"], rtol=1e-4, atol=1e-5
    )
    assert len(given[0]["embeddings"]) > 3  # boxes, then ground truth
    assert given[0]["unique_ids"][-3:].tolist() == [0, 100, 3]


def test_box_embedders_start_from_the_initialised_backbone():
    model = tiny_spnet(detection_embedder=SEPARATE, cascade_steps=2)
    model.init_weights()
    for embedder in (model.box_embedder, *model.detection_embedders):
        copied = embedder.stage[1].state_dict()
        for key, value in model.backbone.stages[-1].state_dict().items():
            assert torch.equal(copied[key], value)
    shared = {id(p) for p in model.backbone.parameters()}
    assert not shared & {id(p) for p in model.box_embedder.parameters()}


def test_pre_trained_weights_enter_with_the_initialisation(tmp_path):
    source = tiny_spnet(
        seed=5, train_pathway=QUERY_CENTRIC, reid_loss=MOMENTUM_CONTRAST
    )
    torch.save({"state_dict": source.state_dict()}, tmp_path / "pretrained.pth")
    options = {"checkpoint": str(tmp_path / "pretrained.pth")}
    model = tiny_spnet(pretrained=options)
    model.init_weights()
    theirs = source.state_dict()
    for key, value in model.state_dict().items():
        if "reid_loss" not in key:
            assert torch.equal(value, theirs[key]), key
    options = {"checkpoint": str(tmp_path / "no.pth")}
    with pytest.raises(CheckpointError, match="no.pth"):
        tiny_spnet(pretrained=options).init_weights()
    torch.save({"weight": torch.ones(1)}, tmp_path / "other.pth")
    options = {"checkpoint": str(tmp_path / "other.pth")}
    with pytest.raises(CheckpointError, match="other.pth: not a checkpoint of SPNet"):
        tiny_spnet(pretrained=options).init_weights()


def test_checkpoints_hold_the_whole_training_state():
    model = tiny_spnet(reid_loss=MOMENTUM_CONTRAST)
    inputs, samples = scene()
    train_step(model, inputs, samples)
    resumed = tiny_spnet(seed=1, reid_loss=MOMENTUM_CONTRAST)
    resumed.load_state_dict(model.state_dict())
    first, second = (train_step(m, inputs, samples) for m in (model, resumed))
    assert first == second
    for key, value in model.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[key]), key


def test_embedding_sizes_must_agree():
    block = {"type": "mmpsearch.SPBlock", "embed_dims": 8}
    with pytest.raises(ValueError, match="embed_dims.*sp_block.*8"):
        tiny_spnet(sp_block=block)
    embedder = {"type": "mmpsearch.BoxEmbedder", "embed_dims": 32}
    with pytest.raises(ValueError, match="box_embedder.*32"):
        tiny_spnet(box_embedder=embedder)
    loss = {"type": "mmpsearch.OIMLoss", "num_identities": 3, "embed_dims": 32}
    # a separate embedder leaves the re-id size free
    tiny_spnet(box_embedder=embedder, detection_embedder=SEPARATE, reid_loss=loss)


@pytest.mark.parametrize("share", [False, True])
def test_anchor_logits_can_be_shared(share):
    """With batch-normalised logits, the layer that the anchor loss trains scores."""
    block = dict(type="mmpsearch.SPBlock", embed_dims=DIMS, logits="batch_norm")
    model = tiny_spnet(sp_block=block, share_anchor_logits=share)
    train_step(model, *scene())
    trained = model.sp_blocks[0].logits.norm.weight.grad is not None
    assert trained is share
