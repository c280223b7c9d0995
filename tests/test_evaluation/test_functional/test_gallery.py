import itertools

import numpy as np
import pytest

from mmpsearch.evaluation.functional import (
    ListedGallery,
    WholeGallery,
    default_gallery,
)
from mmpsearch.evaluation.functional.gallery import appearances, queries_of_images
from tests.test_evaluation.search_cases import box_at, make_protocol

# person 7 in images 0, 1 (twice) and 3, person 8 in image 2
PEOPLE = [
    [(box_at(0), 7)],
    [(box_at(1), 7), (box_at(2), -1), (box_at(3), 7)],
    [(box_at(4), 8)],
    [(box_at(5), 7)],
]


def test_whole_gallery_is_all_but_the_own_image():
    gallery = WholeGallery(make_protocol(PEOPLE, [(0, 0), (2, 0)]))
    assert gallery.counts(0, 2).tolist() == [[0, 1, 1, 1], [1, 1, 0, 1]]
    assert gallery.counts(1, 2).tolist() == [[1, 1, 0, 1]]


def test_cameras():
    protocol = make_protocol(PEOPLE, [(0, 0)], cameras=[1, 2, 1, 1])
    assert WholeGallery(protocol, "cross").counts(0, 1).tolist() == [[0, 1, 0, 0]]
    assert WholeGallery(protocol, "same").counts(0, 1).tolist() == [[0, 0, 1, 1]]


def test_camera_rules_need_cameras():
    protocol = make_protocol(PEOPLE, [(0, 0)])
    with pytest.raises(ValueError, match="4 images without one"):
        WholeGallery(protocol, "cross")
    with pytest.raises(ValueError, match="other"):
        WholeGallery(protocol, "other")


def test_positives_take_the_first_box_of_an_image():
    positives = WholeGallery(make_protocol(PEOPLE, [(2, 0), (0, 0)])).positives
    assert positives.offsets.tolist() == [0, 1, 4]
    assert positives.images.tolist() == [2, 0, 1, 3]
    assert positives.boxes[2].tolist() == box_at(1)


def test_appearances_have_every_box():
    queries, images, boxes = appearances(make_protocol(PEOPLE, [(2, 0), (0, 0)]))
    assert queries.tolist() == [0, 1, 1, 1, 1]
    assert images.tolist() == [2, 0, 1, 1, 3]
    assert boxes.tolist() == [4, 0, 1, 3, 5]


def test_listed_gallery_counts_repetitions():
    protocol = make_protocol(PEOPLE, [(0, 0), (2, 0)], [[3, 1, 1], []])
    gallery = ListedGallery(protocol)
    assert gallery.counts(0, 2).tolist() == [[0, 2, 0, 1], [0, 0, 0, 0]]
    assert gallery.mean_size == 1.5
    assert gallery.positives.images.tolist() == [1, 3]


def test_lists_of_a_later_block():
    lists = [[1], [0, 3], [2, 2]]
    gallery = ListedGallery(make_protocol(PEOPLE, [(0, 0)] * 3, lists))
    assert gallery.counts(1, 3).tolist() == [[1, 0, 0, 1], [0, 0, 2, 0]]


def test_default_policy():
    whole = make_protocol(PEOPLE, [(0, 0)], cameras=[0, 1, 0, 1])
    listed = make_protocol(PEOPLE, [(0, 0)], [[1]])
    assert isinstance(default_gallery(whole), WholeGallery)
    assert default_gallery(whole, "cross").cameras == "cross"
    assert isinstance(default_gallery(listed), ListedGallery)
    with pytest.raises(ValueError, match="lists its galleries"):
        default_gallery(listed, "cross")
    with pytest.raises(ValueError, match="no gallery lists"):
        ListedGallery(whole)


def test_unlabelled_query_is_refused():
    protocol = make_protocol(PEOPLE, [(0, 0), (1, 1)])
    with pytest.raises(ValueError, match="query 1 has no person id"):
        WholeGallery(protocol)


def test_galleries_are_integers():
    gallery = WholeGallery(make_protocol(PEOPLE, [(0, 0)]))
    assert np.issubdtype(gallery.counts(0, 1).dtype, np.integer)


def test_queries_of_images_are_those_of_any_protocol():
    first = make_protocol(PEOPLE, [(0, 0), (2, 0)], galleries=[[1, 2, 1], [1]])
    second = make_protocol(PEOPLE, [(0, 0), (2, 0)], galleries=[[2], [0, 3]])
    offsets, queries = queries_of_images([first, second])
    lists = [queries[a:b].tolist() for a, b in itertools.pairwise(offsets)]
    assert lists == [[1], [0, 1], [0], [1]]
    assert queries_of_images([first, make_protocol(PEOPLE, [(0, 0), (2, 0)])]) is None
