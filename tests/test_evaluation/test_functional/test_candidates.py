import numpy as np

from mmpsearch.evaluation.functional import Detections, WholeGallery
from mmpsearch.evaluation.functional.candidates import find_candidates
from tests.test_evaluation.search_cases import box_at, make_protocol


def test_candidates_by_hand():
    # person 1 in images 0, 1, 2; person 2 in 2 only
    protocol = make_protocol(
        [[(box_at(0), 1)], [(box_at(0), 1)], [(box_at(0), 1), (box_at(1), 2)]],
        [(2, 1), (0, 0)],
    )
    detections = Detections.from_images(
        [
            np.array([box_at(0)]),
            np.array([box_at(5), box_at(0), box_at(0, 90)]),
            np.array([box_at(0, 60), box_at(1)]),
        ],
        [np.ones(1), np.ones(3), np.ones(2)],
    )
    gallery = WholeGallery(protocol)
    found = find_candidates(
        gallery,
        gallery.counts(0, 2),
        detections.boxes,
        lambda _, images: (detections.offsets[images], detections.counts[images]),
        0,
        2,
    )
    # query 0's person is in its own image only; of query 1 image 2's detection is
    # too small (IoU 0.36), image 1 has two candidates
    assert found.expected.tolist() == [0, 2]
    assert found.bounds.tolist() == [0, 0, 2]
    assert found.detections.tolist() == [2, 3]
    rows, starts = found.of(1)
    assert rows.tolist() == [2, 3] and starts.tolist() == [0]
    assert len(found.of(0)[0]) == 0
