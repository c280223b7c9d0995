"""SPNet's inference against numbers of the public implementation."""

import copy

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpsearch.models.person_search.spnet.query_centric_search import anchor_norms
from mmpsearch.ops.cpu import convolution, speed_up_on_cpu
from mmpsearch.structures import PersonSearchSample
from tests.test_models.test_person_search.test_spnet.spnet_reference import (
    build,
    golden,
    image,
    public_state,
)

SMALL_TABLES = {"head.reid_loss.lut": 10, "head.reid_loss.cq": 12}
CASCADE = {
    "cascade_steps": 2,
    "box_embedder": {"embed_dims": 2048},
    "detection_embedder": {"type": "mmpsearch.DetectionBoxEmbedder", "embed_dims": 128},
}


def oim(dims: int) -> dict:
    return {
        "type": "mmpsearch.OIMLoss",
        "num_identities": 10,
        "queue_size": 12,
        "embed_dims": dims,
    }


def loc_gains(gain: float) -> list:
    return [(f"align_emb_loc_head.{step}.head.weight", gain) for step in (1, 2)]


@pytest.fixture(scope="module")
def spnet_s():
    state = public_state("spnet_s_oc", sizes=SMALL_TABLES)
    return build("spnet-s_convnext-t.py", {"reid_loss": oim(128)}, state).eval()


@pytest.fixture(scope="module", params=["c2_sep_convnext_t", "spnet_l"])
def cascaded(request):
    """A model with two cascade steps, the numbers it has to give, and its image."""
    if request.param == "spnet_l":
        state = public_state("spnet_l_convnext_b", loc_gains(0.177), SMALL_TABLES)
        model = build("spnet-l_convnext-b.py", {"reid_loss": oim(2048)}, state)
        shape = (160, 224)
    else:
        state = public_state("c2_sep_convnext_t", loc_gains(0.207), SMALL_TABLES)
        changes = {"reid_loss": oim(2048), **CASCADE}
        model = build("spnet-s_convnext-t.py", changes, state)
        shape = (192, 256)
    pixels = image("spnet/image0", *shape)[None]
    return model.eval(), golden(f"{request.param}_oc"), pixels


def predict(model, pixels, query_boxes):
    shape = tuple(pixels.shape[-2:])
    sample = PersonSearchSample(
        metainfo={"img_shape": shape, "scale_factor": (1.0, 1.0)}
    )
    sample.query_instances = InstanceData(bboxes=torch.from_numpy(query_boxes).float())
    with torch.inference_mode():
        return model.predict(pixels, [sample])[0]


def close(ours, theirs, rtol=1e-3, atol=1e-4):
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=rtol, atol=atol)


@torch.inference_mode()
def check_first_stage(model, expected, pixels):
    shape = tuple(pixels.shape[-2:])
    features = model.extract(pixels)
    levels = ("feat_res3", "feat_res4", "feat_res5", "p6", "p7")
    for name, stage in zip(levels, features.stages, strict=False):
        close(stage[0, :16, 0, :4], expected[f"body_{name}_slice"])
    for name, level in zip(levels, features.pyramid, strict=True):
        assert tuple(level.shape) == tuple(expected[f"fpn_{name}_shape"])
        close(level[0, :16, 0, :4], expected[f"fpn_{name}_slice"])
        close(level.abs().max(), expected[f"fpn_{name}_stats"][2])
    embeddings, anchors = model.anchor_embedder(features.pyramid, shape)
    assert len(anchors) == expected["num_anchors"]
    close(anchors[:27], expected["anchors_first27"], 0, 0)
    close(anchors[-9:], expected["anchors_last9"], 0, 0)
    close(anchors.double().abs().sum(), expected["anchors_checksum"][1], 1e-9)
    close(embeddings[0, :3], expected["anchor_emb_first3"])
    block = model.sp_blocks[0]
    offsets = block.object_offsets(embeddings)[0]
    norms, index = offsets.norm(dim=1).topk(1000, largest=False)
    # neighbours whose norms agree to the last bits may change places
    close(index.sort().values, np.sort(expected["top1000_anchor_idx"]), 0, 0)
    index = torch.from_numpy(expected["top1000_anchor_idx"]).long()
    close(norms, expected["top1000_offset_norm"])
    close(block.logits(norms), expected["top1000_logit"])
    close(block.regression(offsets[index[:100]]), expected["top1000_reg"])


def check_result(result, expected):
    close(result.pred_instances.bboxes, expected["det_boxes"], 1e-3, 1e-3)
    close(result.pred_instances.scores, expected["det_scores"])
    close(result.pred_instances.embeddings[:20], expected["det_emb"])
    close(result.query_instances.embeddings, expected["query_emb"])


def test_spnet_s_as_published(spnet_s):
    expected = golden("spnet_s_oc")
    pixels = image("spnet/image0", 192, 256)[None]
    check_first_stage(spnet_s, expected, pixels)
    check_result(predict(spnet_s, pixels, expected["query_boxes"]), expected)


def test_so_does_spnet_s_with_every_speed_up(spnet_s, monkeypatch):
    monkeypatch.setattr(convolution, "MIN_CELLS", 1)
    fast = copy.deepcopy(spnet_s)
    assert speed_up_on_cpu(fast) > 20
    test_spnet_s_as_published(fast)


def test_cascade_with_separate_embedders_as_published(cascaded):
    model, expected, pixels = cascaded
    check_first_stage(model, expected, pixels)
    seen, handles = {}, []

    def record(module, name, position):
        def keep(_, args, out):
            seen[name] = args[position], out

        handles.append(module.register_forward_hook(keep))

    record(model.detection_embedders[0], "boxes", 1)
    for step in (1, 2):
        record(model.sp_blocks[step].logits, f"logits{step}", 0)
        record(model.sp_blocks[step].regression, f"deltas{step}", 0)
    check_result(predict(model, pixels, expected["query_boxes"]), expected)
    for handle in handles:
        handle.remove()
    boxes, embeddings = seen["boxes"]
    close(boxes, expected["stage1_boxes"], 1e-3, 1e-3)
    close(embeddings[:20], expected["stage1_emb"])
    for step in (1, 2):
        norms, logits = seen[f"logits{step}"]
        close(norms, expected[f"cascade{step}_offset_norm"])
        close(logits, expected[f"cascade{step}_logit"])
        close(seen[f"deltas{step}"][1], expected[f"cascade{step}_reg"])
    with torch.inference_mode():
        features = model.extract(pixels)
        boxes = torch.from_numpy(expected["query_boxes"]).float()
        queries = model.detection_embeddings(features, boxes, torch.zeros(2).long(), 1)
    close(queries, expected["query_loc_emb"])


@torch.inference_mode()
def test_query_centric_search_as_published():
    expected = golden("spnet_s_qc")
    gains = [("nae_head.projectors", 0.10)]
    state = public_state("spnet_s_oc", gains, SMALL_TABLES)
    model = build("spnet-s_convnext-t.py", {"reid_loss": oim(128)}, state).eval()
    boxes = torch.from_numpy(expected["query_boxes"]).float()
    query_features = model.extract(image("spnet/image0", 192, 256)[None])
    queries = model.box_embedder(query_features, boxes, torch.zeros(2).long())
    close(queries, expected["query_emb"])
    features = model.extract(image("spnet/image1", 192, 256)[None])
    embeddings, _ = model.anchor_embedder(features.pyramid, (192, 256))
    squares = embeddings[0].square().sum(dim=1)
    norms = anchor_norms(queries, embeddings[0], squares)
    norms, index = norms.topk(100, largest=False)
    close(index, expected["topk_idx"], 0, 0)
    close(norms, expected["topk_norm"], 1e-5)
    found = model.search_image(features, (192, 256), queries)
    for number in range(2):
        result = found.of(number)
        close(result.boxes, expected[f"q{number}_det_boxes"], 1e-3, 1e-3)
        close(result.scores, expected[f"q{number}_det_scores"])
        close(result.embeddings, expected[f"q{number}_det_emb"])
        similarity = torch.cosine_similarity(result.embeddings, queries[number][None])
        close(similarity[:, None], expected[f"q{number}_sim"])
