import torch
from mmengine.structures import InstanceData

from mmpsearch.models.person_search.predictions import (
    people_to_embed,
    scale_of,
    write_found,
)
from mmpsearch.models.person_search.structures import FoundBoxes
from mmpsearch.structures import PersonSearchSample


def test_boxes_return_to_the_pixels_of_their_own_image():
    samples = [PersonSearchSample() for _ in range(3)]
    samples[0].set_metainfo(dict(scale_factor=(2.0, 0.5)))
    found = FoundBoxes(
        boxes=torch.tensor([[2.0, 2.0, 8.0, 4.0], [1.0, 2.0, 3.0, 4.0]]),
        scores=torch.tensor([0.9, 0.8]),
        image_index=torch.tensor([0, 2]),
        embeddings=torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.bfloat16),
    )
    write_found(found, samples)
    first, none, last = (sample.pred_instances for sample in samples)
    assert first.bboxes.tolist() == [[1.0, 4.0, 4.0, 8.0]]
    assert last.bboxes.tolist() == [[1.0, 2.0, 3.0, 4.0]]
    assert len(none) == 0
    assert first.labels.tolist() == [0]
    assert last.embeddings.tolist() == [[0.0, 1.0]]
    assert last.embeddings.dtype == torch.float32


def test_the_scale_is_one_without_resizing():
    assert scale_of(PersonSearchSample()).tolist() == [1.0] * 4


def test_labelled_people_are_embedded_only_if_asked_for():
    sample = PersonSearchSample()
    assert people_to_embed(sample, ground_truth=True) == []
    sample.gt_instances = InstanceData(bboxes=torch.zeros(2, 4))
    assert people_to_embed(sample, ground_truth=False) == []
    sample.query_instances = InstanceData(bboxes=torch.zeros(1, 4))
    found = people_to_embed(sample, ground_truth=True)
    assert [len(people) for people in found] == [1, 2]
