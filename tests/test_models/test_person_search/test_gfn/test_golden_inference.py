"""SeqNeXt + GFN finds and scores as the public implementation does."""

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpsearch.evaluation.functional.scene_filter import scene_scores as array_scores
from mmpsearch.structures import PersonSearchSample
from tests.test_models.test_person_search.test_gfn.network_scores import (
    scene_scores,
)

from .gfn_reference import build, golden, image

SIZE = (192, 256)
PROPOSALS = {"r50": 300, "cnb": 64}


@pytest.fixture(scope="module", params=["r50", "cnb"])
def found(request):
    """Golden numbers, the model, and its samples of both images."""
    arrays = golden(f"infer_{request.param}")
    limits = {"test_cfg": {"max_per_img": PROPOSALS[request.param]}}
    model = build(request.param, rpn_head=limits).eval()
    samples = []
    for i in range(2):
        sample = PersonSearchSample(
            metainfo=dict(img_shape=SIZE, pad_shape=SIZE, batch_input_shape=SIZE)
        )
        boxes = torch.from_numpy(arrays[f"image{i}_gt_boxes"]).float()
        sample.query_instances = InstanceData(bboxes=boxes)
        with torch.no_grad():
            picture = image(f"gfn/image{i}", *SIZE)[None]
            samples += model.predict(picture, [sample])
    return arrays, model, samples


def close(got, want, rtol=1e-3, atol=1e-4):
    np.testing.assert_allclose(got.numpy(), want, rtol=rtol, atol=atol)


@torch.no_grad()
def test_features(found):
    arrays, model, _ = found
    for i in range(2):
        features = model.extract(image(f"gfn/image{i}", *SIZE)[None])
        assert list(features.shape) == arrays[f"image{i}_bb_shape"].tolist()
        close(features[0, :16, 0, :4], arrays[f"image{i}_bb_slice"])


def test_people(found):
    arrays, _, samples = found
    for i, sample in enumerate(samples):
        people = sample.pred_instances
        close(people.bboxes, arrays[f"image{i}_det_boxes"], atol=2e-3)
        close(people.scores, arrays[f"image{i}_det_scores"])
        # the public embeddings are as long as their scores
        weighted = people.embeddings * people.scores[:, None]
        close(weighted[:4], arrays[f"image{i}_det_emb"])
        close(weighted[:, :16], arrays[f"image{i}_det_emb_first16"])
        close(sample.query_instances.embeddings, arrays[f"image{i}_query_emb"])


def test_scenes_and_scores(found):
    arrays, model, samples = found
    scenes = torch.stack([sample.scene_embedding for sample in samples])
    for i, scene in enumerate(scenes):
        close(scene, arrays[f"image{i}_scene_emb"][0])
    queries = torch.cat([s.query_instances.embeddings for s in samples])
    own = scenes[torch.from_numpy(arrays["gfn_query_image"])]
    for objective in ("combined", "separate", "image"):
        got = scene_scores(queries, own, scenes, model.fusion, objective)
        close(got, arrays[f"gfn_scores_{objective}"], atol=1e-5)
    with torch.no_grad():
        close(model.fusion(queries[:2], own[:2]), arrays["gfn_fused_query"])
        fused = model.fusion.every_pair(queries[:1], scenes)
    close(fused, arrays["gfn_fused_gallery"])


def test_scores_from_vectors_alone(found):
    """What a metric or a gallery sees, without the network."""
    arrays, _, samples = found
    questions = torch.cat([s.query_instances.scene_queries for s in samples]).numpy()
    scenes = torch.stack([s.scene_embedding for s in samples]).numpy()
    got = torch.from_numpy(array_scores(questions, scenes))
    close(got, arrays["gfn_scores_combined"], atol=1e-5)
    queries = torch.cat([s.query_instances.embeddings for s in samples]).numpy()
    for i, sample in enumerate(samples):
        people = sample.pred_instances
        weighted = (people.embeddings * people.scores[:, None]).numpy()
        close(torch.from_numpy(queries @ weighted.T), arrays[f"image{i}_sim"])
        filtered = queries @ weighted.T * got[:, i : i + 1].numpy()
        close(torch.from_numpy(filtered), arrays[f"image{i}_sim_gfn"])
