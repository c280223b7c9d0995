import json

import pytest

from mmpsearch.datasets.io.coco_json import check_file_name, read_coco, shortened
from mmpsearch.errors import DataLayoutError


def image(number=1, **more):
    return dict(id=number, file_name=f"{number}.jpg", **more)


def box(numbers, category=1, **more):
    return dict(id=9, image_id=1, category_id=category, bbox=numbers, **more)


@pytest.fixture
def coco(tmp_path):
    """Reads a file with these parts."""

    def read(**parts):
        content = dict(images=[image()], annotations=[]) | parts
        path = tmp_path / "people.json"
        path.write_text(json.dumps(content))
        return read_coco(path)

    return read


def test_persons_are_those_of_the_category_who_are_no_crowd(coco):
    file = coco(
        annotations=[
            box([1, 2, 3, 4], 7, segmentation=[[1, 2, 3, 4, 5, 6]]),
            box([1, 2, 3, 5], 1),
            box([1, 2, 3, 6], 7, iscrowd=1),
            box([0.5, 2, 3, 7], 7, iscrowd=0),
        ],
        categories=[dict(id=1, name="car"), dict(id=7, name="Person")],
    )
    assert file.person == 7 and file.categories == {1: "car", 7: "Person"}
    found = [numbers for _, numbers in file.persons()]
    assert found == [[1, 2, 3, 4], [0.5, 2, 3, 7]]
    assert "segmentation" not in file.annotations[0]  # dropped while it is read


def test_the_exact_name_comes_before_another_case(coco):
    names = ("PERSON", "person", "Person")
    file = coco(categories=[dict(id=n, name=name) for n, name in enumerate(names)])
    assert file.person == 1


def test_without_categories_there_is_the_person(coco):
    file = coco(annotations=[box([1, 2, 3, 4])])
    assert file.person == 1 and len([*file.persons()]) == 1
    with pytest.raises(DataLayoutError, match="its categories are: 'car', 'dog'"):
        names = [dict(id=1, name="car"), dict(id=2, name="dog")]
        coco(categories=names).person  # noqa: B018
    with pytest.raises(DataLayoutError, match="its categories are: none"):
        coco(categories=[]).person  # noqa: B018


@pytest.mark.parametrize(
    "numbers",
    [
        None,
        [1, 2, 3],
        [1, 2, 3, 4, 5],
        [1, 2, 3, "4"],
        [1, 2, 3, True],
        [1, 2, 3, [4]],
        "1234",
        {"x": 1},
        10**400,
        [1, 2, 3, 10**400],
    ],
)
def test_a_box_is_four_finite_numbers(coco, numbers):
    file = coco(annotations=[box(numbers)])
    with pytest.raises(DataLayoutError, match="the bbox of annotation 9 must be four"):
        list(file.persons())


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        (dict(height=480, width=640), (480, 640)),
        (dict(height=480.0, width=640), (480, 640)),
        (dict(), (0, 0)),
        (dict(height=480), (0, 0)),
        (dict(height=None, width=640), (0, 0)),
        (dict(height=0, width=640), (0, 0)),
    ],
)
def test_the_size_of_an_image(coco, sides, expected):
    file = coco(images=[image(**sides)])
    assert file.size(file.images[0]) == expected


@pytest.mark.parametrize("side", [-1, 1.5, "480", True, False, [480], 10**6 + 1])
def test_a_size_that_is_none(coco, side):
    file = coco(images=[image(3, height=side, width=640)])
    with pytest.raises(DataLayoutError, match="height of image 3 must be a number of"):
        file.size(file.images[0])


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (dict(images={}), "'images' must be a list of objects"),
        (dict(annotations=[1]), "'annotations' must be a list of objects"),
        (dict(images=[dict(id=1)]), "'file_name' is missing in an entry of 'images'"),
        (dict(images=[dict(id=[1], file_name="a")]), "'id' in 'images' must be a num"),
        (dict(images=[image(), image()]), "two images have the id 1"),
        (dict(images=[dict(id=1, file_name=" ")]), "must be the name of a picture"),
        (dict(annotations=[dict(image_id=1)]), "'category_id' is missing"),
        (dict(categories=[dict(id=1, name=2)]), "a category's name must be text"),
        (dict(categories=[dict(name="person")]), "'id' is missing in an entry of 'cat"),
    ],
)
def test_what_is_wrong_is_named(coco, parts, words):
    with pytest.raises(DataLayoutError, match=words):
        coco(**parts)


def test_another_json_file_is_refused(tmp_path):
    path = tmp_path / "list.json"
    path.write_text("[]")
    with pytest.raises(DataLayoutError, match="it holds a list, not an object"):
        read_coco(path)
    path.write_text('{"images": []}')
    with pytest.raises(DataLayoutError, match="'annotations' is missing"):
        read_coco(path)


@pytest.mark.parametrize("name", ["", "\n", "a\0b", None, 3, "\ud800.jpg"])
def test_names_that_no_file_has(name, tmp_path):
    with pytest.raises(DataLayoutError, match="file_name must be the name"):
        check_file_name(name, tmp_path / "a.json")


def test_long_values_are_shortened():
    assert shortened("a" * 58) == repr("a" * 58)  # 60 with its quotes
    assert shortened("a" * 59) == f"'{'a' * 59}..."
    assert shortened([1, 2, 3], length=4) == "[1, ..."
    assert shortened(10**100) == "a number of about 100 digits"
    assert shortened(-(10**9)) == "-1000000000"
