"""The baseline of SPNet's speed, and the pictures both get."""

import runpy
import sys
from pathlib import Path

import pytest
import torch

FOLDER = Path(__file__).parents[3] / "tools" / "benchmarks"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    yield runpy.run_path(str(FOLDER / "spnet_speed.py"))
    for name in ("common", "faster_rcnn_search"):
        sys.modules.pop(name, None)


def test_views_show_the_same_people_inside_the_picture(script):
    samples = script["make_batch"]((64, 96), 4, 2)["data_samples"]
    ids = [sample.gt_instances.unique_ids.tolist() for sample in samples]
    assert ids[0] == ids[1] and ids[2] == ids[3]
    assert not set(ids[0]) & set(ids[2])
    for sample in samples:
        boxes = sample.gt_instances.bboxes
        assert (boxes >= 0).all()
        assert (boxes[:, 2:] <= torch.tensor([96.0, 64.0])).all()


def test_the_baseline_embeds_what_it_detects(script):
    torch.manual_seed(0)
    batch = script["make_batch"]((64, 96), 1, 1)
    model = script["FasterRCNNSearch"](script["faster_rcnn_c4"]()).eval()
    data = model.data_preprocessor(batch)
    with torch.inference_mode():
        (sample,) = model.predict(data["inputs"], data["data_samples"])
    found = sample.pred_instances
    assert 0 < len(found.bboxes) <= 300
    assert found.embeddings.shape == (len(found.bboxes), 256)
    assert (found.bboxes[:, 2:] <= torch.tensor([96.0, 64.0])).all()
