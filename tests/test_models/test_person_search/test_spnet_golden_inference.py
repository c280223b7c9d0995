"""SPNet's inference against numbers of the public implementation."""

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpsearch.models.person_search.query_search import anchor_norms
from mmpsearch.structures import PersonSearchSample

from .spnet_reference import build, golden, image, public_state

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


@pytest.fixture(scope="module")
def spnet_s():
    state = public_state("spnet_s_oc", sizes=SMALL_TABLES)
    return build("spnet-s_convnext-t.py", {"reid_loss": oim(128)}, state).eval()


@pytest.fixture(scope="module")
def spnet_cascade():
    gains = [(f"align_emb_loc_head.{step}.head.weight", 0.207) for step in (1, 2)]
    state = public_state("c2_sep_convnext_t", gains, SMALL_TABLES)
    changes = {"reid_loss": oim(2048), **CASCADE}
    return build("spnet-s_convnext-t.py", changes, state).eval()


def predict(model, query_boxes):
    sample = PersonSearchSample(
        metainfo={"img_shape": (192, 256), "scale_factor": (1.0, 1.0)}
    )
    sample.query_instances = InstanceData(bboxes=torch.from_numpy(query_boxes).float())
    with torch.inference_mode():
        batch = image("spnet/image0", 192, 256)[None]
        return model.predict(batch, [sample])[0]


def close(ours, theirs, rtol=1e-3, atol=1e-4):
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=rtol, atol=atol)


@torch.inference_mode()
def test_feature_maps_and_anchors(spnet_s):
    expected = golden("spnet_s_oc")
    features = spnet_s.extract(image("spnet/image0", 192, 256)[None])
    levels = ("feat_res3", "feat_res4", "feat_res5", "p6", "p7")
    for name, stage in zip(levels, features.stages, strict=False):
        close(stage[0, :16, 0, :4], expected[f"body_{name}_slice"])
    for name, level in zip(levels, features.pyramid, strict=True):
        assert tuple(level.shape) == tuple(expected[f"fpn_{name}_shape"])
        close(level[0, :16, 0, :4], expected[f"fpn_{name}_slice"])
        close(level.abs().max(), expected[f"fpn_{name}_stats"][2])
    embeddings, anchors = spnet_s.anchor_embedder(features.pyramid, (192, 256))
    assert len(anchors) == expected["num_anchors"]
    close(anchors[:27], expected["anchors_first27"], 0, 0)
    close(anchors[-9:], expected["anchors_last9"], 0, 0)
    close(anchors.double().abs().sum(), expected["anchors_checksum"][1], 1e-9)
    close(embeddings[0, :3], expected["anchor_emb_first3"])
    block = spnet_s.sp_blocks[0]
    offsets = block.object_offsets(embeddings)[0]
    norms, index = offsets.norm(dim=1).topk(1000, largest=False)
    # neighbours whose norms agree to the last bits may change places
    close(index.sort().values, np.sort(expected["top1000_anchor_idx"]), 0, 0)
    index = torch.from_numpy(expected["top1000_anchor_idx"]).long()
    close(norms, expected["top1000_offset_norm"])
    close(block.logits(norms), expected["top1000_logit"])
    close(block.regression(offsets[index[:100]]), expected["top1000_reg"])


def test_spnet_s_detects_as_published(spnet_s):
    expected = golden("spnet_s_oc")
    result = predict(spnet_s, expected["query_boxes"])
    close(result.pred_instances.bboxes, expected["det_boxes"], 1e-3, 1e-3)
    close(result.pred_instances.scores, expected["det_scores"])
    close(result.pred_instances.embeddings[:20], expected["det_emb"])
    close(result.query_instances.embeddings, expected["query_emb"])


def test_cascade_with_separate_embedders_detects_as_published(spnet_cascade):
    expected = golden("c2_sep_convnext_t_oc")
    result = predict(spnet_cascade, expected["query_boxes"])
    close(result.pred_instances.bboxes, expected["det_boxes"], 1e-3, 1e-3)
    close(result.pred_instances.scores, expected["det_scores"])
    close(result.pred_instances.embeddings[:20], expected["det_emb"])
    close(result.query_instances.embeddings, expected["query_emb"])


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
