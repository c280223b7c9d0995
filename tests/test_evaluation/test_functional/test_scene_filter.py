"""Search with scene scores, against the public evaluator's numbers, and by hand."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmpsearch.evaluation.functional import Detections, person_search_metrics
from mmpsearch.evaluation.functional.gallery import default_gallery
from mmpsearch.evaluation.functional.scene_filter import (
    scene_filter_metrics,
    scene_scores,
)
from tests.test_evaluation.search_cases import make_protocol

GOLDEN = json.loads(
    (Path(__file__).parents[2] / "data" / "gfn" / "evaluation.json").read_text()
)


def with_own_images(protocol, people):
    """The public evaluator's lists may hold the query's own image, as a positive."""
    found = [
        [(i, box) for i, image in enumerate(people) for box, who in image if who == own]
        for own in protocol.query_person_ids
    ]
    return replace(
        protocol,
        positive_offsets=np.cumsum([0] + [len(each) for each in found]),
        positive_images=[i for each in found for i, _ in each],
        positive_boxes=np.array([box for each in found for _, box in each]),
    )


class Case:
    """The golden images, queries and galleries as our arrays."""

    def __init__(self):
        images = [image["id"] for image in GOLDEN["images"]]
        place = {image: i for i, image in enumerate(images)}
        people, self.where = [[] for _ in images], {}
        rows = [[] for _ in images]
        for row in GOLDEN["annotations"]:
            image = place[row["image_id"]]
            self.where[row["id"]] = (image, len(people[image]))
            person = row["person_id"] if row["is_known"] else -1
            people[image].append((row["bbox_xyxy"], person))
            rows[image].append(GOLDEN["gt_embeddings"][str(row["id"])])
        found = {each["image_id"]: each for each in GOLDEN["detections"]}
        self.detections = Detections.from_images(
            *(
                [
                    np.array(found[image][key], np.float32).reshape(-1, *shape)
                    for image in images
                ]
                for key, shape in (
                    ("boxes", (4,)),
                    ("scores", ()),
                    ("embeddings", (6,)),
                )
            )
        )
        self.truth = np.concatenate([np.array(row, np.float32) for row in rows])
        self.protocols = {}
        for name, chosen in GOLDEN["protocols"].items():
            if name == "listed":
                ids, lists = chosen["queries"], None
            elif name == "all":
                ids, lists = chosen, [list(range(len(images)))] * len(chosen)
            else:
                ids = [int(key) for key in chosen["queries"]]
                lists = [[place[i] for i in own] for own in chosen["queries"].values()]
            queries = [self.where[i] for i in ids]
            protocol = make_protocol(people, queries, lists, name=name)
            if lists is not None:
                protocol = with_own_images(protocol, people)
            scores = np.array(
                [[GOLDEN["gfn_scores"][str(i)][str(j)] for j in images] for i in ids],
                np.float32,
            )
            self.protocols[name] = protocol, scores

    def queries(self, protocol):
        rows = []
        for image, box in zip(protocol.query_images, protocol.query_boxes, strict=True):
            first, last = protocol.gt_offsets[image : image + 2]
            own = (protocol.gt_boxes[first:last] == box).all(axis=1).argmax()
            rows.append(self.truth[first + own])
        return np.stack(rows)


CASE = Case()


@pytest.mark.parametrize("filtered", [False, True])
@pytest.mark.parametrize("boxes", ["det", "gt"])
@pytest.mark.parametrize("name", ["listed", "perquery", "all"])
def test_golden_searches(name, boxes, filtered):
    protocol, scores = CASE.protocols[name]
    detections = CASE.detections
    if boxes == "gt":
        detections = Detections.from_ground_truth(protocol, CASE.truth)
    key = f"{name}_{boxes}" + "_gfn" * filtered
    want = GOLDEN["results"][key]
    found = person_search_metrics(
        protocol,
        detections,
        CASE.queries(protocol),
        normalize=False,  # golden embeddings are as long as their scores
        scene_scores=scores if filtered else None,
    )
    per_query = found["per_query"]
    np.testing.assert_allclose(per_query.ap, want["ap_per_query"], atol=1e-9)
    assert (per_query.rank == 1).tolist() == [x == 1 for x in want["top1_per_query"]]
    assert found["mAP"] == pytest.approx(want["metrics"][f"test_{key}_mAP"], abs=1e-9)
    assert found["top1"] == pytest.approx(want["metrics"][f"test_{key}_top1"])


@pytest.mark.parametrize("name", ["listed", "perquery", "all"])
def test_golden_scenes(name):
    protocol, scores = CASE.protocols[name]
    found = scene_filter_metrics(scores, default_gallery(protocol))
    want = GOLDEN["results"][f"{name}_det_gfn"]["metrics"]
    for ours, theirs in (("mAP", "mAP"), ("top1", "top1")):
        value = want[f"test_{name}_image_gfn_{theirs}"]
        assert found[f"scene_{ours}"] == pytest.approx(value, abs=1e-9)
    if name != "listed":  # theirs pools the query's own image as well
        for ours, theirs in (("threshold", "thresh"), ("filtered", "frac")):
            value = want[f"test_{name}_image_gfn_{theirs}_filter"]
            assert found[f"scene_{ours}"] == pytest.approx(value, abs=1e-6)


def test_by_hand():
    people = [[([0, 0, 9, 9], 1)], [([0, 0, 9, 9], 1)], [([0, 0, 9, 9], 2)], []]
    protocol = make_protocol(people, [(0, 0)])
    scores = np.array([[0.9, 0.6, 0.7, 0.5]], np.float32)
    found = scene_filter_metrics(scores, default_gallery(protocol))
    # of the images 1, 2, 3 the second best shows the person
    assert found["scene_mAP"] == pytest.approx(0.5) and found["scene_top1"] == 0
    assert found["scene_threshold"] == pytest.approx(0.6)
    assert found["scene_filtered"] == pytest.approx(0.5)


def test_scores_of_vectors():
    scenes = np.array([[1.0, 0.0], [0.6, 0.8]], np.float32)
    # plain cosines: u = query, v = 1, nothing else
    query = np.array([[0.6, 0.8, 1, 1, 0, 0, 0, 0]], np.float32)
    got = scene_scores(query, scenes)
    np.testing.assert_allclose(got, 1 / (1 + np.exp([[-0.6, -1.0]])), rtol=1e-6)
    with pytest.raises(ValueError, match=r"need \(Q, 11\)"):
        scene_scores(query, np.ones((1, 3), np.float32))
