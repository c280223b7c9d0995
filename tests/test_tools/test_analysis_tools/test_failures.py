"""The page of the worst queries, from a test that was worked out by hand."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs
from mmpsearch.evaluation.metrics.search_settings import search_settings
from mmpsearch.structures import SearchProtocol

ROOT = Path(__file__).parents[3]
BOX, OTHER = [0, 0, 40, 120], [60, 0, 100, 120]


@pytest.fixture(scope="module")
def tool():
    return SimpleNamespace(
        **runpy.run_path(str(ROOT / "tools/analysis_tools/failures.py"))
    )


class Pictures:
    """What of a data set the tool asks for."""

    def __init__(self, folder: Path, protocol: SearchProtocol) -> None:
        self.folder, self.metainfo = folder, {"protocol": protocol}
        self.keys = protocol.image_keys

    def __len__(self) -> int:
        return len(self.keys)

    def get_data_info(self, number: int) -> dict:
        return {"img_path": str(self.folder / self.keys[number])}


@pytest.fixture(scope="module")
def case(tool, tmp_path_factory):
    """Person 5 in a, b, c; 6 beside them in b, more similar. In c nobody is detected.

    A second query, of 6 in b, has nobody to be found: it is in no other picture.
    """
    folder = tmp_path_factory.mktemp("pictures")
    for name in "abc":
        Image.new("RGB", (160, 120), "grey").save(folder / f"{name}.jpg")
    protocol = SearchProtocol(
        name="case", image_keys=["a.jpg", "b.jpg", "c.jpg"], image_cameras=[1, 1, 2],
        gt_boxes=np.array([BOX, BOX, OTHER, BOX], float), gt_person_ids=[5, 5, 6, 5],
        gt_offsets=[0, 1, 3, 4], query_images=[0, 1],
        query_boxes=np.array([BOX, OTHER], float), query_person_ids=[5, 6],
        gallery_offsets=None, gallery_images=None,
        positive_offsets=[0, 2, 2], positive_images=[1, 2],
        positive_boxes=np.array([BOX, BOX], float),
    )  # fmt: skip
    images = [
        SearchOutputs.of_image(
            number, np.array(boxes, np.float32).reshape(-1, 4),
            np.full(len(boxes), 0.9, np.float32),
            np.array(people, np.float32).reshape(-1, 2), np.array(queries, int),
            np.array(asked, np.float32).reshape(-1, 2),
        )
        for number, (boxes, people, queries, asked) in enumerate([
            ([BOX], [[1, 0]], [0], [[1, 0]]),
            ([BOX, OTHER], [[0.6, 0.8], [0.8, 0.6]], [1], [[0, 1]]),
            ([], [], [], []),
        ])
    ]  # fmt: skip
    dataset = Pictures(folder, protocol)
    outputs = SearchOutputs.from_images(images)
    return tool.Test.read(dataset, outputs, search_settings(None, protocol))


def test_the_worst_first_and_none_without_an_answer(tool, case):
    assert case.results.ap[0] == pytest.approx(0.25)  # rank 2, one of two found
    assert tool.worst(case.results, 5) == [0]


def test_a_query_as_it_is_drawn_and_written(tool, case):
    one = tool.failure(case.ranking, case.people, 0)
    assert tool.as_dict(case, one) == {
        "query": 0, "picture": "a.jpg", "box": BOX, "person": 5, "ap": 0.25,
        "above": [{"picture": "b.jpg", "person": 6, "similarity": 0.8}],
        "missed": ["c.jpg"],
    }  # fmt: skip
    drawn = tool.drawn(case, one, top=4)
    shown = [(each.detail, each.correct, each.title) for each in drawn.sightings]
    assert shown == [
        ("person 6", False, "b.jpg"),
        ("person 5, rank 2", True, "b.jpg"),
        ("not detected here", None, "c.jpg"),
    ]
    assert drawn.verdict == (
        "Average precision 0.250: first right at rank 2, 1 above; not detected in 1 of "
        "2 pictures"
    )


def test_missed_people_by_height(tool, case):
    assert tool.undetected(case) == {"100-149 px": {"people": 4, "missed": 1}}


def test_coco_files_are_read_by_its_own_reader(tool, case, tmp_path):
    truth, found = tool.coco(case)
    for name, content in (("truth", truth), ("found", found)):
        tool.write_json(tmp_path / f"{name}.json", content)
    read = COCO(str(tmp_path / "truth.json"))
    assert [each["person_id"] for each in read.anns.values()] == [5, 5, 6, 5]
    results = read.loadRes(str(tmp_path / "found.json"))
    boxes = [each["bbox"] for each in results.anns.values()]
    assert boxes == [[0, 0, 40, 120], [0, 0, 40, 120], [60, 0, 40, 120]]
