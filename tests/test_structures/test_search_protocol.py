import copy

import numpy as np
import pytest

from mmpsearch.structures import SearchProtocol, positives_from_ground_truth


def fields(**changes):
    values = dict(
        name="toy",
        image_keys=["a.jpg", "b.jpg", "c.jpg"],
        image_cameras=[1, 2, 1],
        gt_boxes=[[0, 0, 5, 9], [1, 1, 4, 8], [2, 2, 6, 9], [3, 0, 7, 9]],
        gt_person_ids=[7, -1, 7, 7],
        gt_offsets=[0, 2, 3, 4],
        query_images=[0],
        query_boxes=[[0, 0, 5, 9]],
        query_person_ids=[7],
        gallery_offsets=[0, 2],
        gallery_images=[2, 1],
        positive_offsets=[0, 2],
        positive_images=[1, 2],
        positive_boxes=[[2, 2, 6, 9], [3, 0, 7, 9]],
    )
    values.update(changes)
    return values


def test_types_lists_and_copies():
    protocol = SearchProtocol(**fields())
    assert protocol.gallery_images.dtype == np.int32
    assert protocol.gt_boxes.dtype == np.float64
    assert protocol.gallery_of(0).tolist() == [2, 1]
    images, boxes = protocol.positives_of(0)
    assert images.tolist() == [1, 2] and boxes[1].tolist() == [3, 0, 7, 9]
    boxes, ids = protocol.ground_truth_of(0)
    assert boxes.shape == (2, 4) and ids.tolist() == [7, -1]
    assert copy.deepcopy(protocol) is protocol and copy.copy(protocol) is protocol
    with pytest.raises(ValueError, match="read-only"):
        protocol.gt_boxes[0, 0] = 1


def test_every_other_image_is_the_gallery_without_lists():
    protocol = SearchProtocol(**fields(gallery_offsets=None, gallery_images=None))
    assert protocol.gallery_of(0).tolist() == [1, 2]


def test_query_without_positive():
    protocol = SearchProtocol(
        **fields(positive_offsets=[0, 0], positive_images=[], positive_boxes=[])
    )
    assert protocol.queries_without_positive().tolist() == [0]
    assert protocol.positives_of(0)[1].shape == (0, 4)


@pytest.mark.parametrize(
    "changes, message",
    [
        (dict(gt_boxes=np.zeros((4, 5))), "gt_boxes has shape"),
        (dict(gt_person_ids=[1]), "gt_person_ids has 1 entries, expected 4"),
        (dict(gt_offsets=[0, 2, 3]), "gt_offsets has shape"),
        (dict(gt_offsets=[0, 3, 2, 4]), "gt_offsets must rise"),
        (dict(gallery_images=[2, 3]), "gallery_images names image 2 to 3"),
        (dict(gallery_offsets=None), "both be given"),
        (dict(query_images=[-1]), "query_images names image -1"),
        (dict(query_boxes=[[0, 0, np.nan, 1]]), "not finite"),
        (dict(image_keys=["a", "a", "b"]), "names an image twice"),
        (dict(positive_boxes=[[0, 0, 1, 1]]), "positive_boxes has 1 entries"),
        (dict(query_person_ids=["p1"]), "query_person_ids cannot be read as int64"),
    ],
)
def test_bad_arrays_are_named(changes, message):
    with pytest.raises(ValueError, match=f"'toy': .*{message}|{message}") as error:
        SearchProtocol(**fields(**changes))
    assert "'toy'" in str(error.value)


def test_positives_from_ground_truth():
    values = fields(gt_person_ids=[7, 7, 7, 3])
    offsets, images, boxes = positives_from_ground_truth(
        values["gt_boxes"],
        values["gt_person_ids"],
        values["gt_offsets"],
        [1, 2],
        [7, 3],
    )
    # Query 0 lives in image 1; image 0 shows its person twice, the first box counts.
    assert offsets.tolist() == [0, 1, 1]
    assert images.tolist() == [0] and boxes.tolist() == [[0, 0, 5, 9]]
