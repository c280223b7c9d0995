import numpy as np

from mmpsearch.datasets.transforms import RandomHorizontalFlip

from .scene import make_results


def test_flip_of_pixels_boxes_and_queries():
    results = make_results(4, 10, [[1, 0, 3, 4]], queries=[[0, 1, 10, 2]])
    image = results["img"]
    results = RandomHorizontalFlip(prob=1.0)(results)
    assert results["flip"] is True
    assert (results["img"] == image[:, ::-1]).all()
    assert results["gt_bboxes"].tolist() == [[7, 0, 9, 4]]
    assert results["query_bboxes"].tolist() == [[0, 1, 10, 2]]


def test_share_of_flips():
    np.random.seed(0)
    flips = [RandomHorizontalFlip(0.25)(make_results(4, 4))["flip"] for _ in range(400)]
    assert 70 < sum(flips) < 130
    assert RandomHorizontalFlip(prob=0.0)(make_results(4, 4))["flip"] is False
