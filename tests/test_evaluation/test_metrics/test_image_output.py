import numpy as np
import pytest
import torch

from mmpsearch.evaluation.metrics.image_output import image_output
from mmpsearch.evaluation.metrics.search_outputs import NOT_EMBEDDED
from tests.test_evaluation.search_cases import box_at, make_protocol

PROTOCOL = make_protocol([[(box_at(0), 1)], [(box_at(0), 1)]], [(0, 0)])


def sample(**changes):
    entries = dict(
        img_id=1,
        img_key="1.jpg",
        pred_instances=dict(
            bboxes=torch.tensor([box_at(0), box_at(1)], dtype=torch.float64),
            scores=torch.tensor([0.9, 0.5], dtype=torch.float16),
            embeddings=torch.eye(2, 3, dtype=torch.bfloat16),
        ),
        query_instances=dict(
            query_ids=torch.tensor([0]), embeddings=torch.ones(1, 3, requires_grad=True)
        ),
        gt_instances=dict(embeddings=torch.ones(1, 3)),
    )
    return {**entries, **changes}


def test_everything_becomes_float32():
    output = image_output(sample(), PROTOCOL)
    assert output.images.tolist() == [1] and output.counts.tolist() == [2]
    for array in (output.boxes, output.scores, output.embeddings):
        assert array.dtype == np.float32
    assert output.boxes.tolist() == [box_at(0), box_at(1)]
    assert output.embeddings.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert output.query_ids.dtype == np.int64
    assert output.query_embeddings.tolist() == [[1, 1, 1]]
    assert output.gt_embeddings.shape == (1, 3)


def test_no_detection_no_query_no_ground_truth():
    empty = dict(
        bboxes=torch.zeros(0, 4), scores=torch.zeros(0), embeddings=torch.zeros(0, 3)
    )
    without = sample(pred_instances=empty, gt_instances={})
    del without["query_instances"]
    output = image_output(without, PROTOCOL)
    assert output.boxes.shape == (0, 4)
    assert output.embeddings.shape == (0, 3)
    assert len(output.query_ids) == 0
    assert output.gt_counts.tolist() == [NOT_EMBEDDED]


@pytest.mark.parametrize(
    "changes, error, named",
    [
        (dict(img_id=2), ValueError, "img_id 2.*2 images"),
        (dict(img_key="7.jpg"), ValueError, "'7.jpg'.*'1.jpg'.*differ"),
        (dict(pred_instances={}), KeyError, "1.jpg.*embeddings"),
        (dict(query_instances=dict(query_ids=[0])), KeyError, "1.jpg.*query"),
    ],
)
def test_errors_name_the_image(changes, error, named):
    with pytest.raises(error, match=named):
        image_output(sample(**changes), PROTOCOL)


def test_missing_prediction_is_named():
    entries = sample()
    del entries["pred_instances"]
    with pytest.raises(KeyError, match="1.jpg.*pred_instances"):
        image_output(entries, PROTOCOL)
