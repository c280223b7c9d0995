import json

import numpy as np
import pytest

from mmpsearch.apis.detectors import GivenBoxes
from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.errors import InputError

PIXELS = np.zeros((100, 200, 3), np.uint8)


def frame(number, path="/a/clip.mp4"):
    return SourceImage(PIXELS, path, number / 10, number)


def test_mot_frames_count_from_one(tmp_path):
    path = tmp_path / "det.txt"
    path.write_text("1,-1,10,20,30,40,0.5\n3,-1,190,0,50,50,2.5,-1,-1,-1\n\n")
    first, second, third = GivenBoxes(path)([frame(0), frame(1), frame(2)], 0.0)
    assert first.boxes.tolist() == [[10, 20, 40, 60]] and first.scores == [0.5]
    assert len(second.boxes) == 0
    assert third.boxes.tolist() == [[190, 0, 200, 50]] and third.scores == [1.0]
    (named,) = GivenBoxes(path)([SourceImage(PIXELS, "/a/img1/000003.jpg")], 0.0)
    assert len(named.boxes) == 1
    with pytest.raises(InputError, match="named by number .*not with /a/street.jpg"):
        GivenBoxes(path)([SourceImage(PIXELS, "/a/street.jpg")], 0.0)


def test_ignored_rows_of_a_ground_truth_are_left_out(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text(
        "1,1,0,0,9,9,1,1,1\n1,2,20,0,9,9,0,1,1\n1,3,40,0,9,9,1,3,1\n1,4,60,0,9,9,1,1,.5\n"
    )
    (found,) = GivenBoxes(path)([frame(0)], 0.0)
    assert found.boxes[:, 0].tolist() == [0, 60]


def test_json_lists_and_coco_say_the_same(tmp_path):
    plain = {"a.jpg": [[0, 0, 10, 20], [5, 5, 30, 40, 0.7]], "more/a.jpg": []}
    coco = {
        "categories": [{"id": 4, "name": "person"}, {"id": 5, "name": "dog"}],
        "images": [
            {"id": 1, "file_name": "a.jpg"},
            {"id": 2, "file_name": "more/a.jpg"},
        ],
        "annotations": [
            {"image_id": 1, "category_id": 4, "bbox": [0, 0, 10, 20]},
            {"image_id": 1, "category_id": 4, "bbox": [5, 5, 25, 35], "score": 0.7},
            {"image_id": 1, "category_id": 5, "bbox": [5, 5, 25, 35]},
        ],
    }
    for content in (plain, coco):
        path = tmp_path / "boxes.json"
        path.write_text(json.dumps(content))
        boxes = GivenBoxes(path)
        one, other = boxes(
            [SourceImage(PIXELS, "/x/a.jpg"), SourceImage(PIXELS, "/x/more/a.jpg")], 0.0
        )
        assert one.boxes.tolist() == [[0, 0, 10, 20], [5, 5, 30, 40]]
        np.testing.assert_allclose(one.scores, [1, 0.7], atol=1e-6)
        assert len(other.boxes) == 0
        (sure,) = boxes([SourceImage(PIXELS, "/x/a.jpg")], 0.8)
        assert len(sure.boxes) == 1
        with pytest.raises(InputError, match="says nothing of /x/b.jpg"):
            boxes([SourceImage(PIXELS, "/x/b.jpg")], 0.0)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "1,1,a,b,c,d", "a.txt, line 1: .* no row of the MOT Challenge"),
        ("a.txt", "", "a.txt holds no box"),
        ("a.json", "{", "a.json is no json"),
        ("a.json", '{"a.jpg": [[1, 2]]}', "a.json is neither COCO's json nor a list"),
        ("a.json", '{"annotations": []}', "a.json is neither"),
    ],
)
def test_mistakes(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        GivenBoxes(tmp_path / name)
    with pytest.raises(InputError, match="gone.txt: No such file"):
        GivenBoxes(tmp_path / "gone.txt")
