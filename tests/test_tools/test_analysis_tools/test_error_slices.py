"""Errors by height, camera pair and own columns, against cases worked out by hand."""

import math
import runpy
from pathlib import Path

import numpy as np
import pytest

from mmpsearch.errors import InputError
from mmpsearch.evaluation.functional.query_results import QueryResults
from mmpsearch.evaluation.functional.slices import (
    height_labels,
    slice_row,
    slice_rows,
)
from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs
from mmpsearch.evaluation.metrics.search_settings import search_settings
from mmpsearch.structures import SearchProtocol

ROOT = Path(__file__).parents[3]
RESULTS = QueryResults(
    ap=np.array([1.0, 0.5, 0.0, 0.0]),
    rank=np.array([1, 2, 0, 0]),
    found=np.array([2, 1, 0, 0]),
    expected=np.array([2, 1, 1, 0]),  # the last one is nowhere
)
BOX = [0, 0, 40, 120]


@pytest.fixture(scope="module")
def tool():
    return runpy.run_path(str(ROOT / "tools/analysis_tools/error_slices.py"))


@pytest.fixture(scope="module")
def protocol():
    """Person 5 in images a, b, c of cameras 1, 1, 2; the query is in a."""
    boxes = np.array([BOX] * 3, float)
    return SearchProtocol(
        name="case", image_keys=["a.jpg", "b.jpg", "c.jpg"], image_cameras=[1, 1, 2],
        gt_boxes=boxes, gt_person_ids=[5, 5, 5], gt_offsets=[0, 1, 2, 3],
        query_images=[0], query_boxes=boxes[:1], query_person_ids=[5],
        gallery_offsets=None, gallery_images=None,
        positive_offsets=[0, 2], positive_images=[1, 2], positive_boxes=boxes[1:],
    )  # fmt: skip


@pytest.fixture(scope="module")
def outputs():
    """b: the person is found; c: somebody similar elsewhere, the person is missed."""
    parts = [
        (0, [BOX], [[1.0, 0.0]], [0], [[1.0, 0.0]]),
        (1, [BOX], [[0.9, 0.1]], [], np.zeros((0, 2))),
        (2, [[200, 0, 240, 120]], [[0.5, 0.5]], [], np.zeros((0, 2))),
    ]
    images = [
        SearchOutputs.of_image(
            image, np.array(boxes, np.float32), np.ones(len(boxes), np.float32),
            np.array(people, np.float32), np.array(queries, int),
            np.array(asked, np.float32),
        )
        for image, boxes, people, queries, asked in parts
    ]  # fmt: skip
    return SearchOutputs.from_images(images)


def test_a_row_counts_queries_that_can_be_answered():
    row = slice_row(RESULTS)
    assert row["queries"] == 3
    assert row["mAP"] == pytest.approx(0.5)
    assert row["top1"] == pytest.approx(1 / 3)
    assert row["missed"] == pytest.approx(1 / 4)  # three of four were found
    assert row["error"] == pytest.approx(math.sqrt(1 / 3 * 2 / 3 / 3))
    assert math.isnan(slice_row(RESULTS.select(np.zeros(4, bool)))["mAP"])


def test_labels_split_the_queries_and_the_unlabelled_take_no_part():
    rows = slice_rows(RESULTS, ["day", "night", "night", ""])
    assert [(name, row["queries"], row["top1"]) for name, row in rows.items()] == [
        ("day", 1, 1.0),
        ("night", 2, 0.0),
    ]


def test_rows_are_ordered_by_numbers_and_hold_a_query_each():
    labels = ["10 in 2", "9 in 2", "1 in 2", "nowhere"]
    assert list(slice_rows(RESULTS, labels)) == ["1 in 2", "9 in 2", "10 in 2"]


def test_heights_are_in_pixels_and_the_edge_belongs_to_the_upper_part():
    boxes = np.array([[0, y, 9, 100] for y in (51, 50, 1, 0)])
    assert height_labels(boxes, (50, 100)) == [
        "0-49 px", "50-99 px", "50-99 px", "100+ px",
    ]  # fmt: skip


def test_camera_pairs_say_where_a_person_is_missed(tool, protocol, outputs):
    columns = {"coat": ["red"]}
    settings = search_settings(None, protocol)
    slices = tool["error_slices"](protocol, outputs, columns, settings)
    assert slices["all"]["all"]["mAP"] == pytest.approx(0.5)  # found in one of two
    assert list(slices["height"]) == ["100-149 px"]
    pairs = slices["cameras"]
    assert pairs["1 in 1"]["mAP"] == pairs["1 in 1"]["top1"] == 1.0
    assert pairs["1 in 2"]["mAP"] == 0.0 and pairs["1 in 2"]["missed"] == 1.0
    assert slices["coat"]["red"] == slices["all"]["all"]
    assert tool["draw"](slices).row_count == 5


@pytest.mark.parametrize("key", ["person_id,coat\n5,red\n", "image,coat\na.jpg,red\n"])
def test_columns_are_of_people_or_of_pictures(tool, protocol, tmp_path, key):
    (tmp_path / "own.csv").write_text(key)
    assert tool["read_columns"](tmp_path / "own.csv", protocol) == {"coat": ["red"]}


@pytest.mark.parametrize(
    "text, message",
    [
        ("name,coat\nx,red\n", "needs a column person_id or image"),
        ("person_id\n5\n", "at least one other"),
        ("person_id,coat\n6,red\n", "no person_id is one of the queries', such as '5'"),
    ],
)
def test_a_table_that_says_nothing_is_refused(tool, protocol, tmp_path, text, message):
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        tool["read_columns"](tmp_path / "own.csv", protocol)
