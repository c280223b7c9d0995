from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmdet.visualization import DetLocalVisualizer
from mmengine.structures import InstanceData

from mmpsearch.engine.hooks import PredictionPicturesHook
from mmpsearch.structures import PersonSearchSample, ReIDSample


def test_saves_the_detections_that_are_sure_enough(tmp_path):
    path = tmp_path / "scene.png"
    cv2.imwrite(str(path), np.full((80, 100, 3), 255, np.uint8))
    sample = PersonSearchSample(
        metainfo=dict(img_key="c1/scene.png", img_path=str(path))
    )
    sample.gt_instances = InstanceData(
        bboxes=torch.tensor([[0.0, 0, 9, 9]]), labels=torch.tensor([0])
    )
    sample.pred_instances = InstanceData(
        bboxes=torch.tensor([[40.0, 20, 60, 70], [80, 62, 95, 78]]),
        scores=torch.tensor([0.9, 0.2]),
        labels=torch.tensor([0, 0]),
    )
    visualizer = DetLocalVisualizer()
    visualizer.dataset_meta = dict(classes=("person",))
    runner = SimpleNamespace(
        work_dir=str(tmp_path), timestamp="now", visualizer=visualizer
    )
    PredictionPicturesHook(folder="pictures").after_test_iter(runner, 0, None, [sample])
    (picture,) = (tmp_path / "now" / "pictures" / "c1").iterdir()
    drawn = cv2.imread(str(picture)).min(2) < 128
    assert picture.name == "scene.jpg" and drawn.shape == (80, 100)
    assert drawn[25:65, 38:43].any()  # the left side of the sure one
    assert not drawn[58:, 76:].any()  # nothing of the unsure one
    assert not drawn[5:10, :12].any()  # nothing of the ground truth


def test_crops_have_no_detections():
    with pytest.raises(ValueError, match="drawn by demo/search_crops.py"):
        PredictionPicturesHook().after_test_iter(None, 0, None, [ReIDSample()])
