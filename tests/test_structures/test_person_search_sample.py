import pytest
import torch
from mmengine.structures import InstanceData

from mmpsearch.structures import PersonSearchSample


def test_query_instances_can_be_set_moved_and_deleted():
    sample = PersonSearchSample(metainfo=dict(img_id=3))
    sample.query_instances = InstanceData(
        bboxes=torch.zeros(2, 4), query_ids=torch.tensor([5, 6])
    )
    sample = sample.to(torch.float64)
    assert sample.query_instances.query_ids.tolist() == [5, 6]
    assert sample.img_id == 3
    del sample.query_instances
    assert "query_instances" not in sample
    with pytest.raises(AssertionError):
        sample.query_instances = torch.zeros(2, 4)
