import numpy as np

from mmpsearch.datasets.person_search.annotations import (
    SceneAnnotations,
    contiguous_ids,
    match_boxes,
    unique_person_ids,
    without_area,
)


def scenes():
    return SceneAnnotations.from_lists(
        ["a", "b", "c"],
        [np.array([[0, 0, 5, 5], [-2, 1, 9, 30]]), np.zeros((0, 4)), [[1, 1, 4, 4]]],
        [np.array([3, -1]), np.zeros(0), np.array([8])],
        cameras=[1, 2, 3],
        sizes=np.array([[10, 8], [10, 8], [0, 0]]),
    )


def test_lists_and_masks():
    annotations = scenes()
    assert annotations.offsets.tolist() == [0, 2, 2, 3]
    assert annotations.images_of_boxes.tolist() == [0, 0, 2]
    assert annotations.of_image(2)[1].tolist() == [8]
    fewer = annotations.keep_boxes(np.array([False, True, True]))
    assert fewer.offsets.tolist() == [0, 1, 1, 2]
    assert fewer.person_ids.tolist() == [-1, 8]
    last = annotations.keep_images(np.array([False, True, True]))
    assert last.image_keys.tolist() == ["b", "c"] and last.cameras.tolist() == [2, 3]
    assert last.offsets.tolist() == [0, 0, 1] and last.person_ids.tolist() == [8]


def test_clipping_uses_the_size_where_known():
    clipped = scenes().clipped_boxes()
    assert clipped.tolist() == [[0, 0, 5, 5], [0, 1, 8, 10], [1, 1, 4, 4]]


def test_no_images():
    empty = SceneAnnotations.from_lists([], [], [])
    assert empty.boxes.shape == (0, 4) and empty.offsets.tolist() == [0]


def test_small_functions():
    boxes = np.array([[0.0, 0, 2, 2], [1, 1, 1, 3], [3, 5, 4, 4], [0, 0, 2, 2]])
    assert without_area(boxes).tolist() == [False, True, True, False]
    assert match_boxes(boxes, np.array([0, 0, 2, 2])) == 0
    assert match_boxes(boxes, np.array([0, 0, 2, 3])) == -1
    ids = np.array([932, -1, 1, 5])
    assert contiguous_ids(ids, np.array([1, 2, 932])).tolist() == [2, -1, 0, -1]
    assert contiguous_ids(ids, np.array([])).tolist() == [-1] * 4
    assert unique_person_ids(np.array([2, -1, 0, -1]), 3).tolist() == [2, 3, 0, 4]
