"""Ground truth of a batch."""

import torch

from mmpsearch.models.person_search.structures import GroundTruth
from tests.test_models.tiny_spnet import sample


def test_boxes_of_a_batch_are_concatenated():
    samples = [
        sample([[0, 0, 4, 8], [1, 1, 5, 9]], [3, -1], [3, 70], (64, 96)),
        sample([], [], [], (60, 90)),
        sample([[2, 2, 6, 6]], [5], None, (64, 80)),
    ]
    truth = GroundTruth.from_samples(samples, torch.device("cpu"))
    assert truth.boxes.tolist() == [[0, 0, 4, 8], [1, 1, 5, 9], [2, 2, 6, 6]]
    assert truth.boxes.dtype == torch.float32
    assert truth.image_index.tolist() == [0, 0, 2]
    assert truth.person_ids.tolist() == [3, -1, 5]
    assert truth.unique_ids.tolist() == [3, 70, 5]
    assert truth.image_sizes.tolist() == [[64, 96], [60, 90], [64, 80]]
    assert truth.num_images == 3
    assert [truth.of_image(i).tolist() for i in range(3)] == [[0, 1], [], [2]]


def test_no_boxes_at_all():
    truth = GroundTruth.from_samples([sample([], [])] * 2, torch.device("cpu"))
    assert truth.boxes.shape == (0, 4)
    assert truth.person_ids.dtype == truth.image_index.dtype == torch.int64
    assert truth.num_images == 2
