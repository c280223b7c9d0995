"""The worst queries of a test: who was ranked above the person, who was missed.

    python tools/test.py CONFIG CHECKPOINT --cfg-options test_evaluator.dump=outputs.npz
    python tools/analysis_tools/failures.py CONFIG outputs.npz --out failures/

Writes a page (``failures.html``) with the queries of the smallest average precision:
everybody who is more similar than the person, framed red with who it is; the first
right match, green; and the pictures in which the person was not detected at all, whom
no embedding could have found. ``failures.json`` has the same of all queries, the people
who are taken for each other, and the undetected people by height. ``--coco`` also
writes the ground truth and what was found as COCO files, which FiftyOne and others
open.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from mmpsearch.apis.config_kinds import build_search_set
from mmpsearch.datasets.io.picture_reading import read_picture
from mmpsearch.errors import InputError
from mmpsearch.evaluation.functional import person_search_metrics
from mmpsearch.evaluation.functional.detections import Detections
from mmpsearch.evaluation.functional.failures import (
    NOBODY,
    UNLABELLED,
    Failure,
    confusions,
    failure,
    is_found,
    people_of,
)
from mmpsearch.evaluation.functional.query_results import QueryResults
from mmpsearch.evaluation.functional.search_ranking import Ranked, SearchRanking
from mmpsearch.evaluation.functional.slices import height_labels
from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs
from mmpsearch.evaluation.metrics.search_settings import search_settings
from mmpsearch.structures import SearchProtocol
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.command_line import load_config, one_line_errors, output_folder
from mmpsearch.utils.config_options import add_options_argument
from mmpsearch.visualization import (
    RankedList,
    Sighting,
    match_sighting,
    query_sighting,
    save_ranked_page,
)

WORDS = {UNLABELLED: "somebody without identity", NOBODY: "nobody"}


@dataclass(frozen=True)
class Test:
    """A test set with a model's outputs of it.

    Attributes:
        protocol: what is asked.
        paths: of the pictures, in the protocol's order.
        found: detections of sufficient score.
        ranking: of these.
        people: (N,) who they are.
        results: of the evaluation.
    """

    protocol: SearchProtocol
    paths: Sequence[str]
    found: Detections
    ranking: SearchRanking
    people: np.ndarray
    results: QueryResults

    @classmethod
    def read(cls, dataset, outputs: SearchOutputs, settings: dict[str, Any]):
        """Search the test set anew.

        Args:
            dataset: built, with a protocol.
            outputs: of the model.
            settings: of ``search_settings``.
        """
        protocol = dataset.metainfo["protocol"]
        outputs = outputs.in_order()
        found = outputs.detections(protocol).above(settings["score_threshold"])
        queries = outputs.queries(protocol)
        results = person_search_metrics(protocol, found, queries, **settings)
        return cls(
            protocol=protocol,
            paths=[dataset.get_data_info(i)["img_path"] for i in range(len(dataset))],
            found=found,
            ranking=SearchRanking(protocol, found, queries, **settings),
            people=people_of(protocol, found),
            results=results["per_query"],
        )

    def picture(self, image: int) -> np.ndarray:
        return read_picture(self.paths[image], upright=False)

    def name(self, image: int) -> str:
        return Path(self.protocol.image_keys[image]).name


def who(person: int) -> str:
    return WORDS.get(person, f"person {person}")


def worst(results: QueryResults, number: int) -> list[int]:
    """Queries of the smallest average precision among those that have an answer."""
    answerable = np.flatnonzero(results.expected > 0)
    order = np.argsort(results.ap[answerable], kind="stable")
    return answerable[order][:number].tolist()


def drawn(test: Test, one: Failure, top: int) -> RankedList:
    """A query with what was above its person, the person, and where they were missed.

    Args:
        test: the test.
        one: of its queries.
        top: most people of each of the three to draw.
    """
    shown = _matches(test, one.above, one.people, top, correct=False)
    rank = f", rank {len(one.people) + 1}"
    person = test.people[one.first.detections]
    shown += _matches(test, one.first, person, 1, correct=True, words=rank)
    for image, box in list(zip(one.missed, one.missed_boxes, strict=True))[:top]:
        scene = test.picture(int(image))
        missed = match_sighting(scene, box, test.name(image), 0.0, "not detected here")
        shown.append(Sighting(missed.crop, missed.scene, missed.title, missed.detail))
    image = int(test.protocol.query_images[one.query])
    box = test.protocol.query_boxes[one.query]
    person = who(int(test.protocol.query_person_ids[one.query]))
    return RankedList(
        query_sighting(test.picture(image), box, test.name(image), person),
        shown,
        verdict(test, one),
    )


def verdict(test: Test, one: Failure) -> str:
    expected = int(test.results.expected[one.query])
    first = f"first right at rank {len(one.people) + 1}"
    return (
        f"Average precision {test.results.ap[one.query]:.3f}: "
        f"{first if len(one.first.detections) else 'no right match'}, "
        f"{len(one.people)} above; not detected in {len(one.missed)} of {expected} "
        "pictures"
    )


def _matches(
    test: Test,
    ranked: Ranked,
    people: np.ndarray,
    top: int,
    correct: bool,
    words: str = "",
) -> list[Sighting]:
    found = ranked.detections, ranked.images, ranked.similarities
    rows = zip(*found, people, strict=True)
    return [
        match_sighting(
            test.picture(int(image)),
            test.found.boxes[detection],
            test.name(int(image)),
            float(similarity),
            who(int(person)) + words,
            correct=correct,
        )
        for detection, image, similarity, person in list(rows)[:top]
    ]


def undetected(test: Test) -> dict[str, dict[str, int]]:
    """By height: people with an identity, and how many of them were not detected."""
    protocol, rows = test.protocol, {}
    images = np.repeat(np.arange(protocol.num_images), np.diff(protocol.gt_offsets))
    known = protocol.gt_person_ids >= 0
    boxes = protocol.gt_boxes[known]
    for label, image, box in zip(
        height_labels(boxes), images[known], boxes, strict=True
    ):
        row = rows.setdefault(label, {"people": 0, "missed": 0})
        row["people"] += 1
        row["missed"] += not is_found(test.ranking, int(image), box)
    return {label: rows[label] for label in sorted(rows, key=_first_number)}


def _first_number(label: str) -> int:
    return int(label.split("-")[0].split("+")[0])


def as_dict(test: Test, one: Failure) -> dict:
    protocol = test.protocol
    return {
        "query": one.query,
        "picture": protocol.image_keys[protocol.query_images[one.query]],
        "box": protocol.query_boxes[one.query].tolist(),
        "person": int(protocol.query_person_ids[one.query]),
        "ap": float(test.results.ap[one.query]),
        "above": [
            {"picture": protocol.image_keys[image], "person": int(person),
             "similarity": round(float(similarity), 4)}
            for image, similarity, person in zip(
                one.above.images, one.above.similarities, one.people, strict=True
            )
        ],
        "missed": [protocol.image_keys[image] for image in one.missed],
    }  # fmt: skip


def coco(test: Test) -> tuple[dict, list[dict]]:
    """Ground truth as a COCO data set, and detections as COCO results."""
    protocol, images = test.protocol, []
    for number, key in enumerate(protocol.image_keys):
        height, width = test.picture(number).shape[:2]
        images.append(dict(id=number, file_name=key, height=height, width=width))
    owners = np.repeat(np.arange(len(images)), np.diff(protocol.gt_offsets))
    people = [
        {**_coco_box(image, box), "id": number, "iscrowd": 0, "person_id": int(person)}
        for number, (image, box, person) in enumerate(
            zip(owners, protocol.gt_boxes, protocol.gt_person_ids, strict=True), 1
        )
    ]
    found = [
        {**_coco_box(image, box), "score": float(score), "person_id": int(person)}
        for image, box, score, person in zip(
            test.found.images, test.found.boxes, test.found.scores, test.people,
            strict=True,
        )
    ]  # fmt: skip
    categories = [{"id": 1, "name": "person"}]
    return dict(images=images, annotations=people, categories=categories), found


def _coco_box(image: int, box: np.ndarray) -> dict:
    x1, y1, x2, y2 = (round(float(side), 2) for side in box)
    area = round((x2 - x1) * (y2 - y1), 2)
    box = [x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)]
    return {"image_id": int(image), "category_id": 1, "bbox": box, "area": area}


def print_tables(pairs: Sequence[tuple[int, int, int]], rows: dict) -> None:
    console = Console()
    if pairs:
        table = Table("taken for each other", "", "times above", title="Look-alikes")
        for one, other, count in pairs[:10]:
            table.add_row(who(one), who(other), str(count))
        console.print(table)
    table = Table("height", "people", "not detected", title="Missed people")
    for label, row in rows.items():
        table.add_row(label, str(row["people"]), str(row["missed"]))
    console.print(table)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", help="config file with the test set")
    parser.add_argument("outputs", help=".npz file that the test wrote")
    parser.add_argument("--out", type=output_folder, required=True, help="folder")
    parser.add_argument("--number", type=int, default=20, help="queries to draw [20]")
    parser.add_argument("--top", type=int, default=8, help="people of each kind [8]")
    parser.add_argument("--coco", action="store_true", help="COCO files, too")
    add_options_argument(parser)
    return parser.parse_args()


def write_json(path: Path, content: object) -> None:
    with replace_when_done(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")


def main() -> None:
    args = parse_args()
    config = load_config(args.config, args.cfg_options)
    dataset = build_search_set(config)
    protocol = dataset.metainfo["protocol"]
    settings = search_settings(config.get("test_evaluator"), protocol)
    outputs = SearchOutputs.load(args.outputs)
    try:
        test = Test.read(dataset, outputs, settings)
    except ValueError as error:  # another test set's
        raise InputError(f"{args.outputs}: {error}") from error
    queries = range(test.protocol.num_queries)
    failures = [failure(test.ranking, test.people, query) for query in queries]
    pairs, rows = confusions(test.protocol, failures), undetected(test)
    lists = [
        drawn(test, failures[query], args.top)
        for query in worst(test.results, args.number)
    ]
    save_ranked_page(args.out / "failures.html", lists, "The worst queries")
    content = {
        "queries": [as_dict(test, one) for one in failures],
        "look_alikes": [dict(people=pair[:2], times=pair[2]) for pair in pairs],
        "undetected": rows,
    }
    write_json(args.out / "failures.json", content)
    if args.coco:
        truth, found = coco(test)
        write_json(args.out / "ground_truth.json", truth)
        write_json(args.out / "detections.json", found)
    print_tables(pairs, rows)
    print(f"wrote {args.out}/failures.html")


if __name__ == "__main__":
    with one_line_errors():
        main()
