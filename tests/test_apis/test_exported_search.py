"""The exported file as the runner's model, on batches that are padded."""

import numpy as np
import pytest
import torch

from mmpsearch.apis import PersonSearchInferencer
from mmpsearch.apis.export import export_search
from mmpsearch.apis.exported_search import ExportedSearch
from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.apis.packed_scene import pack_scene

from .tiny_search import scene, write_search_model

pytest.importorskip("onnx", reason="the extra 'export'")
pytest.importorskip("onnxruntime", reason="the extra 'onnx'")


def test_predicts_as_the_model(tmp_path):
    config, weights = write_search_model("SPNet", tmp_path)
    export_search(config, weights, tmp_path / "m.onnx")
    own = PersonSearchInferencer(config, weights, "cpu")
    other = ExportedSearch(
        str(tmp_path / "m.onnx"),
        data_preprocessor=config["model"]["data_preprocessor"],
    )
    pictures = [SourceImage(scene(96, 150)), SourceImage(scene(96, 130, seed=1))]
    boxes = np.array([[5, 8, 60, 90], [40, 2, 90, 80]], np.float32)
    results = []
    for model in (own.model, other):
        packed = [pack_scene(own._pipeline, one, boxes) for one in pictures]
        batch = {key: [one[key] for one in packed] for key in packed[0]}
        with torch.inference_mode():
            results.append(model.test_step(batch))
    for want, got in zip(*results, strict=True):
        want, got = ((one.pred_instances, one.query_instances) for one in (want, got))
        assert len(want[0]) >= 2
        for key, tolerance in (("bboxes", 2e-3), ("scores", 1e-4)):
            torch.testing.assert_close(
                got[0][key], want[0][key], atol=tolerance, rtol=0
            )
        for mine, theirs in zip(got, want, strict=True):
            near = torch.cosine_similarity(mine.embeddings, theirs.embeddings)
            assert (near > 0.99999).all()
