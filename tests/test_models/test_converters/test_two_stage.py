"""Public SeqNet and NAE weights: an independent model gives the same people."""

import copy

import pytest
import torch
from mmengine.config import Config
from mmengine.structures import InstanceData

from mmpsearch.errors import ConversionError
from mmpsearch.models.converters.files import convert_file
from mmpsearch.models.converters.two_stage import convert_two_stage
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample
from tests.test_models.test_converters.two_stage_reference import (
    C4,
    DIMS,
    Reference,
    fill,
)

SIZE = (128, 96)
BOXES = torch.tensor([[10.0, 12.0, 50.0, 110.0], [40.0, 20.0, 90.0, 100.0]])


def ours(seqnet: bool, state):
    """The published configuration, on the reference's ResNet-18."""
    name = "seqnet" if seqnet else "nae"
    config = Config.fromfile(f"configs/_base_/models/{name}_r50.py").model
    config.data_preprocessor = None
    config.backbone.update(depth=18, init_cfg=None)
    config.rpn_head.update(in_channels=C4, feat_channels=C4)
    config.rpn_head.anchor_generator.scales = [2, 4]
    config.rpn_head.test_cfg.update(nms_pre=50, max_per_img=20)
    config.search_head.embed_dims = DIMS
    for stage in ("stage", "detection_stage", "search_stage"):
        if stage in config.search_head:
            config.search_head[stage].update(depth=18, init_cfg=None)
    config.reid_loss.update(num_identities=7, queue_size=5, embed_dims=DIMS)
    config.search.score_threshold = 0.1
    model = MODELS.build(config).eval()
    model.load_state_dict(state)
    return model


@pytest.fixture(scope="module", params=[True, False], ids=["SeqNet", "NAE"])
def pair(request):
    reference = Reference(request.param).eval()
    fill(reference)
    cq = reference.roi_heads.reid_loss.cq
    cq[3:] = 0
    state, report = convert_two_stage({"model": reference.state_dict()})
    assert report.unmatched == [] and report.ignored == {}
    assert state["reid_loss.queue_head"] == 3
    return reference, ours(request.param, state)


@torch.no_grad()
def test_the_same_people(pair):
    reference, model = pair
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(1, 3, *SIZE, generator=generator)
    sample = PersonSearchSample(
        metainfo=dict(img_shape=SIZE, pad_shape=SIZE, batch_input_shape=SIZE)
    )
    sample.query_instances = InstanceData(bboxes=BOXES)
    found = model.predict(image, [sample])[0].pred_instances
    boxes, scores, embeddings = reference.detect(image, 0.1)
    assert len(boxes) >= 2
    for ours_, theirs in (
        (found.bboxes, boxes),
        (found.scores, scores),
        (found.embeddings, embeddings),
    ):
        torch.testing.assert_close(ours_, theirs, rtol=1e-3, atol=1e-3)
    queries = reference.embed(reference.backbone(image), BOXES)[0]
    embedded = sample.query_instances.embeddings
    torch.testing.assert_close(embedded, queries, rtol=1e-4, atol=1e-4)


def test_files_as_the_public_codes_save_them(tmp_path):
    """They hold a classifier of boxes that is not used; the tool ends with 0."""
    reference = Reference(False).eval()
    fill(reference)
    unused = {
        f"roi_heads.box_predictor.cls_score.{i}.{name}": torch.zeros(2)
        for i in (0, 1)
        for name in ("weight", "bias")
    }
    state = {"model": {**reference.state_dict(), **unused}, "epoch": 19}
    torch.save(state, tmp_path / "nae.pth")
    assert (
        convert_file(tmp_path / "nae.pth", tmp_path / "o.pth", convert_two_stage) == 0
    )
    converted, report = convert_two_stage(state)
    assert report.unmatched == [] and report.ignored.keys() == unused.keys()
    ours(False, converted)  # strictly


def test_other_checkpoints_are_refused():
    with pytest.raises(ConversionError, match="not a state dict of the public SeqNet"):
        convert_two_stage({"backbone.conv1.weight": torch.ones(1)})
    state = copy.deepcopy(Reference(False).state_dict())
    for key in [k for k in state if "bbox_pred.0" in k or "bbox_pred.1" in k]:
        state.pop(key)
    state["roi_heads.box_predictor.bbox_pred.weight"] = torch.ones(8, 4)
    with pytest.raises(ConversionError, match="BN_NECK"):
        convert_two_stage(state)


def test_newer_torchvision_names():
    state = Reference(True).state_dict()
    conv = {k: v for k, v in state.items() if k.startswith("rpn.head.conv")}
    assert conv
    old = {"rpn.head.conv." + k.rsplit(".", 1)[1]: v for k, v in conv.items()}
    rest = {k: v for k, v in state.items() if k not in conv}
    a, b = convert_two_stage(state)[0], convert_two_stage({**rest, **old})[0]
    assert a.keys() == b.keys() and "rpn_head.rpn_conv.weight" in a
