"""The PRW layout.

``frames/c1s1_000151.jpg``, ``annotations/c1s1_000151.jpg.mat`` (``box_new``: rows of
id, x, y, width, height; id -2 without identity), ``frame_train.mat`` and
``frame_test.mat`` (cell columns of names without extension), ``ID_train.mat``,
``ID_test.mat`` (variable ``ID_test2``), ``query_info.txt`` (id, x, y, width, height,
name; lines end in CR LF) and ``query_box/<id>_<name>.jpg``.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from mmpsearch.datasets.synthetic.manifest import is_written, write_atomically
from mmpsearch.datasets.synthetic.options import SyntheticOptions
from mmpsearch.datasets.synthetic.plan import SceneSpec
from mmpsearch.datasets.synthetic.seeds import stream
from mmpsearch.datasets.synthetic.writers import mat5

_PUBLISHED_IDENTITIES = 483, 450


def official_ids(options: SyntheticOptions) -> np.ndarray:
    """PRW's number of each person: training people first, test people after.

    At the published size these are PRW's own numbers: 1..478, 480..483 and 932 for
    training, 479, 484..931 and 933 for testing. Else 1, 2, 3 ...
    """
    counts = options.identities, options.test_identities
    if counts == _PUBLISHED_IDENTITIES:
        train = [*range(1, 479), *range(480, 484), 932]
        return np.array(train + [479, *range(484, 932), 933])
    return np.arange(1, sum(counts) + 1)


def _xywh(box: list[int]) -> list[int]:
    x0, y0, x1, y1 = box
    return [x0, y0, x1 - x0, y1 - y0]


def choose_queries(
    options: SyntheticOptions, plan: list[SceneSpec], records: list[dict]
) -> list[tuple[int, int]]:
    """Query boxes, as (picture, person) positions.

    Only people with an id who appear in a further test picture can be searched. The
    first query of an identity under a camera comes before its second, as PRW has one
    query per identity and camera.
    """
    home = "query" if options.query_scenes else "gallery"
    test = [i for i, spec in enumerate(plan) if spec.split != "train"]
    appearances = Counter(person["id"] for i in test for person in records[i]["people"])
    candidates = [
        (i, k)
        for i in test
        if plan[i].split == home
        for k, person in enumerate(records[i]["people"])
        if person["id"] >= 0 and appearances[person["id"]] > 1
    ]
    rng = stream(options.seed, "plan", len(options.layout), 1)
    repeats: Counter = Counter()
    ranked = []
    for j in rng.permutation(len(candidates)):
        i, k = candidates[j]
        key = records[i]["people"][k]["id"], plan[i].camera
        ranked.append((repeats[key], int(j)))
        repeats[key] += 1
    ranked.sort(key=lambda pair: pair[0])
    limit = options.queries or len(ranked)
    return [candidates[j] for j in sorted(j for _, j in ranked[:limit])]


def _names(plan: list[SceneSpec], train: bool) -> list[str]:
    return sorted(Path(s.name).stem for s in plan if (s.split == "train") == train)


def write_prw(
    root: Path, options: SyntheticOptions, plan: list[SceneSpec], records: list[dict]
) -> dict[str, int]:
    """Write all annotation files of a rendered data set; returns what was counted."""
    ids = official_ids(options)
    (root / "annotations").mkdir(exist_ok=True)
    (root / "query_box").mkdir(exist_ok=True)
    for spec, record in zip(plan, records, strict=True):
        rows = [
            [ids[person["id"]] if person["id"] >= 0 else -2, *_xywh(person["box"])]
            for person in record["people"]
        ]
        boxes = np.array(rows, float).reshape(-1, 5)
        mat5.save_matrix(
            root / "annotations" / f"{spec.name}.mat",
            "box_new",
            lambda name, boxes=boxes: mat5.numeric(boxes, name),
        )
    for split in ("train", "test"):
        names = [mat5.text(name) for name in _names(plan, split == "train")]
        mat5.save_matrix(
            root / f"frame_{split}.mat",
            f"img_index_{split}",
            lambda name, names=names: mat5.cell(names, (len(names), 1), name),
        )
    train_ids, test_ids = ids[: options.identities], ids[options.identities :]
    for file, variable, values in (
        ("ID_train.mat", "ID_train", train_ids),
        ("ID_test.mat", "ID_test2", test_ids),
    ):
        mat5.save_matrix(
            root / file,
            variable,
            lambda name, values=values: mat5.numeric(np.sort(values), name),
        )
    queries = choose_queries(options, plan, records)
    _write_queries(root, ids, plan, records, queries)
    people = [p for record in records for p in record["people"]]
    return {
        "frames": len(plan),
        "boxes": len(people),
        "labelled boxes": sum(person["id"] >= 0 for person in people),
        "queries": len(queries),
    }


def _write_queries(root: Path, ids, plan, records, queries) -> None:
    lines = []
    for i, k in queries:
        person, stem = records[i]["people"][k], Path(plan[i].name).stem
        number = ids[person["id"]]
        x, y, w, h = _xywh(person["box"])
        lines.append((number, f"{number} {x:.4f} {y:.4f} {w:.4f} {h:.4f} {stem}\r\n"))
        crop_path = root / "query_box" / f"{number}_{stem}.jpg"
        if not is_written(crop_path):
            image = cv2.imread(os.fspath(root / plan[i].path))
            _, data = cv2.imencode(".jpg", image[y : y + h, x : x + w])
            write_atomically(crop_path, data.tobytes())
    text = "".join(line for _, line in sorted(lines))
    write_atomically(root / "query_info.txt", text.encode())
