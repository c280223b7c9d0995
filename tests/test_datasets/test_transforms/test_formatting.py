import numpy as np
import torch

from mmpsearch.datasets.transforms import PackPersonSearchInputs
from mmpsearch.structures import PersonSearchSample

from .scene import make_results


def test_packed_sample():
    results = make_results(4, 6, [[0, 0, 3, 3]], [-1], queries=[[0, 0, 2, 2]] * 2)
    image = results["img"]
    packed = PackPersonSearchInputs()(results)
    assert packed["inputs"].dtype == torch.uint8
    assert (packed["inputs"].permute(1, 2, 0).numpy() == image).all()
    sample = packed["data_samples"]
    assert isinstance(sample, PersonSearchSample)
    truth, queries = sample.gt_instances, sample.query_instances
    assert truth.bboxes.dtype == torch.float32 and truth.bboxes.shape == (1, 4)
    assert truth.person_ids.tolist() == [-1] and truth.unique_ids.tolist() == [100]
    assert truth.labels.tolist() == [0] and truth.labels.dtype == torch.int64
    assert queries.query_ids.tolist() == [0, 1] and queries.bboxes.shape == (2, 4)
    assert sample.img_key == "a.jpg" and sample.camera_id == 2
    assert sample.scale_factor == (1.0, 1.0) and sample.img_shape == (4, 6)


def test_empty_scene():
    results = make_results(4, 6)
    results["gt_bboxes"] = np.zeros((0, 4), np.float32)
    sample = PackPersonSearchInputs()(results)["data_samples"]
    assert sample.gt_instances.bboxes.shape == (0, 4)
    assert sample.query_instances.bboxes.shape == (0, 4)
    assert len(sample.gt_instances) == len(sample.query_instances) == 0
