import numpy as np
import pytest

from mmpsearch.datasets.person_search.own.queries import choose_queries
from mmpsearch.datasets.person_search.own.scenes import OwnScenes, natural_key
from mmpsearch.datasets.person_search.own.splits import test_images as images_for_test
from mmpsearch.errors import DataOptionError


@pytest.fixture
def own():
    """Six images of two cameras in turn; image i shows person i // 2, all show 9."""
    boxes = [np.array([[0, 0, 5 + i, 10], [20, 0, 30, 20]]) for i in range(6)]
    people = [[str(i // 2), "9"] for i in range(6)]
    keys = [f"{i}.jpg" for i in range(6)]
    order = [5, 4, 3, 2, 1, 0]
    return OwnScenes.of(keys, boxes, people, list("abab") + ["", "b"], order=order)


def test_by_time_the_last_of_every_camera(own):
    # Ranks are reversed: the first images are the last ones. Image 4's camera (-1)
    # is unknown and one of its own.
    assert images_for_test(own, "time").tolist() == [1, 1, 0, 1, 1, 0]
    assert images_for_test(own, "time", 0.9).tolist() == [1, 1, 1, 1, 1, 1]


def test_by_camera(own):
    assert images_for_test(own, "camera").tolist() == [0, 1, 0, 1, 0, 1]
    assert images_for_test(own, "camera", cameras=["a"]).tolist() == [1, 0, 1, 0, 0, 0]
    with pytest.raises(DataOptionError, match="no camera 'c', there are a, b"):
        images_for_test(own, "camera", cameras=["c"])


def test_by_person_nobody_is_in_both(own):
    found = {}
    for seed in range(8):
        is_test = images_for_test(own, "person", 0.25, seed=seed)
        shown = own.scenes.person_ids[is_test[own.scenes.images_of_boxes]]
        found[tuple(is_test)] = set(shown.tolist())
    assert (True,) * 6 in found  # 9 was chosen, whom every image shows
    assert all(sum(key) in (2, 6) for key in found) and len(found) > 2


def test_wrong_options(own):
    for options in (dict(by="age"), dict(by="time", test_share=1.0)):
        with pytest.raises(DataOptionError, match="must be"):
            images_for_test(own, **options)
    with pytest.raises(DataOptionError, match="goes with"):
        images_for_test(own, "time", cameras=["a"])


def test_queries(own):
    scenes, order = own.scenes, own.order

    def chosen(**options):
        found = choose_queries(scenes, order, **options)
        people = scenes.person_ids[found].tolist()
        return list(zip(people, scenes.images_of_boxes[found].tolist(), strict=True))

    # Person 3 (called 9) is seen by camera -1, a and b.
    expected = [(0, 0), (0, 1), (1, 2), (1, 3), (2, 4), (2, 5), (3, 4), (3, 2), (3, 5)]
    assert chosen() == expected
    assert chosen(per="person") == [(0, 1), (1, 3), (2, 5), (3, 5)]
    assert chosen(per="person", choose="first") == [(0, 1), (1, 3), (2, 5), (3, 5)]
    assert len(chosen(per="image")) == 12
    random = [chosen(per="person", choose="random", seed=seed) for seed in (0, 0, 1, 2)]
    assert random[0] == random[1] and len(set(map(tuple, random))) > 1
    assert chosen(per="person", unwanted=[0, 3]) == [(1, 3), (2, 5)]
    for options in (dict(per="frame"), dict(choose="best")):
        with pytest.raises(DataOptionError, match="must be one of"):
            chosen(**options)


def test_arrays_give_the_same_scenes(own):
    again = OwnScenes.from_arrays(own.arrays())
    assert again.people == own.people == ["0", "1", "2", "9"]
    assert again.cameras == own.cameras == ["a", "b"]
    assert np.array_equal(again.scenes.boxes, own.scenes.boxes)
    assert np.array_equal(again.order, own.order)


def test_natural_order():
    names = ["f10", "f9", "g1", "1a", "f9b"]
    assert sorted(names, key=natural_key) == ["1a", "f9", "f9b", "f10", "g1"]
