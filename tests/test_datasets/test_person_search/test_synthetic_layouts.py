"""The data set classes read what the synthetic writers wrote, box for box."""

import json
from pathlib import Path

import numpy as np
import pytest

from mmpsearch.datasets import CUHKSYSU, PRW, COCOPersons
from mmpsearch.datasets.synthetic import make_options, make_synthetic

SMALL = dict(
    scenes=6, identities=4, test_identities=4, gallery_scenes=5, query_scenes=3
)


@pytest.fixture(scope="module", params=["prw", "cuhk_sysu", "coco"])
def rendered(request, tmp_path_factory):
    root = tmp_path_factory.mktemp(request.param)
    options = make_options(request.param, seed=3, width=120, height=80, **SMALL)
    make_synthetic(options, root)
    records = {path.stem: path for path in (root / ".records").glob("*.json")}
    return request.param, root, records


def drawn_people(records, key):
    return json.loads(records[Path(key).stem].read_text())["people"]


def compare(dataset, records, labelled=True):
    """Boxes, and who shares an identity with whom, against the renderer's records."""
    drawn_of: dict[int, int] = {}
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        people = drawn_people(records, info["img_key"])
        drawn = {tuple(person["box"]): person["id"] for person in people}
        boxes = [tuple(map(int, box)) for box in info["gt_bboxes"].tolist()]
        assert sorted(boxes) == sorted(drawn)
        assert (info["height"], info["width"]) == (80, 120)
        for box, person in zip(boxes, info["gt_person_ids"].tolist(), strict=True):
            assert (person >= 0) == (labelled and drawn[box] >= 0)
            if person >= 0:
                assert drawn_of.setdefault(person, drawn[box]) == drawn[box]
    assert len(set(drawn_of.values())) == len(drawn_of)
    return drawn_of


def test_training_split(rendered):
    layout, root, records = rendered
    if layout == "coco":
        dataset = COCOPersons(str(root))
        assert len(dataset) <= SMALL["scenes"]
        assert compare(dataset, records, labelled=False) == {}
        return
    dataset = {"prw": PRW, "cuhk_sysu": CUHKSYSU}[layout](str(root))
    assert len(dataset) == SMALL["scenes"]
    assert dataset.num_identities == SMALL["identities"]
    assert set(compare(dataset, records)) <= set(range(SMALL["identities"]))
    assert not set(dataset.problem_counts) - {"images without persons"}


def test_test_split(rendered):
    layout, root, records = rendered
    if layout == "coco":
        return
    if layout == "prw":
        dataset = PRW(str(root), "test")
    else:
        dataset = CUHKSYSU(str(root), "test", gallery_size=50)
    drawn_of = compare(dataset, records)
    protocol = dataset.metainfo["protocol"]
    assert protocol.num_queries > 0
    assert len(protocol.queries_without_positive()) == 0
    for query in range(protocol.num_queries):
        own = int(protocol.query_images[query])
        person = drawn_of[int(protocol.query_person_ids[query])]
        shown = {}
        for image, key in enumerate(protocol.image_keys):
            for drawn in drawn_people(records, key):
                if drawn["id"] == person:
                    shown[image] = drawn["box"]
        assert protocol.query_boxes[query].tolist() == shown.pop(own)
        gallery = set(protocol.gallery_of(query).tolist())
        assert own not in gallery
        images, boxes = protocol.positives_of(query)
        assert dict(zip(images.tolist(), boxes.tolist(), strict=True)) == {
            image: box for image, box in shown.items() if image in gallery
        }
        info = dataset.get_data_info(own)
        place = info["query_ids"].tolist().index(query)
        assert np.array_equal(info["query_bboxes"][place], protocol.query_boxes[query])
