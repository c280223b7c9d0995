"""The CUHK-SYSU layout.

``Image/SSM/s1.jpg``; ``annotation/Images.mat`` (every box of every picture),
``annotation/Person.mat`` (every labelled person's appearances), ``annotation/pool.mat``
(names of the test pictures), ``annotation/test/train_test/Train.mat`` (people of the
training set) and ``TestG50.mat`` ... ``TestG4000.mat`` (per query its picture and box,
and its gallery: first the pictures that show the person, with the box, then others,
with an empty box). Boxes are x, y, width, height. A gallery larger than the pool is
cut to the pool.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmpsearch.datasets.synthetic.options import GALLERY_SIZES, SyntheticOptions
from mmpsearch.datasets.synthetic.plan import SceneSpec
from mmpsearch.datasets.synthetic.seeds import stream
from mmpsearch.datasets.synthetic.writers import mat5

_SCENE = ("imname", "idlocate", "ishard")
_HARD_VISIBILITY = 0.6

Appearance = tuple[str, list[int], bool]  # picture, x y w h, hard to recognise


def _located(name: str, box: list[int] | None, hard: bool) -> bytes:
    """Encoded fields imname, idlocate, ishard; an absent box is 1 x 0."""
    place = np.zeros((1, 0)) if box is None else np.array(box, float)
    return mat5.text(name) + mat5.numeric(place) + mat5.numeric(float(hard))


def _scene(appearances: list[Appearance]) -> bytes:
    rows = [_located(*appearance) for appearance in appearances]
    return mat5.record(_SCENE, rows, len(rows))


def _person_row(name: str, appearances: list[Appearance]) -> bytes:
    """Encoded fields idname, nAppear, scene."""
    count = mat5.numeric(float(len(appearances)))
    return mat5.text(name) + count + _scene(appearances)


def collect_appearances(
    plan: list[SceneSpec], records: list[dict]
) -> dict[int, list[Appearance]]:
    """Where every labelled person appears, by person id, in the plan's order."""
    found: dict[int, list[Appearance]] = defaultdict(list)
    for spec, record in zip(plan, records, strict=True):
        for person in record["people"]:
            if person["id"] >= 0:
                x0, y0, x1, y1 = person["box"]
                hard = person["visibility"] < _HARD_VISIBILITY
                found[person["id"]].append(
                    (spec.name, [x0, y0, x1 - x0, y1 - y0], hard)
                )
    return dict(sorted(found.items()))


def _write_images(root: Path, plan: list[SceneSpec], records: list[dict]) -> None:
    def row(spec: SceneSpec, record: dict) -> bytes:
        boxes = []
        for person in record["people"]:
            x0, y0, x1, y1 = person["box"]
            hard = person["visibility"] < _HARD_VISIBILITY
            place = mat5.numeric(np.array((x0, y0, x1 - x0, y1 - y0), float))
            boxes.append(place + mat5.numeric(float(hard)))
        count = mat5.numeric(float(len(boxes)))
        packed = mat5.record(("idlocate", "ishard"), boxes, len(boxes))
        return mat5.text(spec.name) + count + packed

    order = sorted(zip(plan, records, strict=True), key=lambda p: int(p[0].name[1:-4]))
    mat5.save_structs(
        root / "annotation" / "Images.mat",
        "Img",
        ("imname", "nAppear", "box"),
        len(plan),
        lambda: (row(spec, record) for spec, record in order),
    )


def _write_people(root: Path, train: dict, everybody: dict) -> None:
    fields = ("idname", "nAppear", "scene")
    mat5.save_structs(
        root / "annotation" / "Person.mat",
        "Person",
        fields,
        len(everybody),
        lambda: (_person_row(f"p{i + 1}", seen) for i, seen in everybody.items()),
    )
    cells = [
        mat5.record(fields, [_person_row(f"p{i + 1}", seen)], 1)
        for i, seen in train.items()
    ]
    mat5.save_matrix(
        root / "annotation" / "test" / "train_test" / "Train.mat",
        "Train",
        lambda name: mat5.cell(cells, (len(cells), 1), name),
    )


class _Protocols:
    """The galleries: nested, so that a larger one contains the smaller one."""

    def __init__(self, seed: int, pool: list[str], test: dict) -> None:
        self.seed, self.pool, self.test = seed, pool, test
        self.absent = [_located(name, None, False) for name in pool]

    def rows(self, size: int) -> Iterator[bytes]:
        """Encoded fields Query, Gallery of every query."""
        for person, seen in self.test.items():
            rng = stream(self.seed, "plan", len("cuhk_sysu"), 2, person)
            home = int(rng.integers(len(seen)))
            name, box, hard = seen[home]
            query = _located(name, box, hard) + mat5.text(f"p{person + 1}")
            others = [a for i, a in enumerate(seen) if i != home]
            shown = {appearance[0] for appearance in seen}
            rows = [_located(*appearance) for appearance in others][:size]
            order = rng.permutation(len(self.pool))
            free = [i for i in order if self.pool[i] not in shown]
            rows += [self.absent[i] for i in free[: size - len(rows)]]
            yield mat5.record((*_SCENE, "idname"), [query], 1) + mat5.record(
                _SCENE, rows, len(rows)
            )


def write_cuhk_sysu(
    root: Path, options: SyntheticOptions, plan: list[SceneSpec], records: list[dict]
) -> dict[str, int]:
    """Write all annotation files of a rendered data set; returns what was counted."""
    folder = root / "annotation" / "test" / "train_test"
    folder.mkdir(parents=True, exist_ok=True)
    everybody = collect_appearances(plan, records)
    train = {i: seen for i, seen in everybody.items() if i < options.identities}
    test = {
        i: seen
        for i, seen in everybody.items()
        if i >= options.identities and len(seen) > 1
    }
    if options.queries:
        test = dict(list(test.items())[: options.queries])
    _write_images(root, plan, records)
    _write_people(root, train, everybody)
    pool = [spec.name for spec in plan if spec.split != "train"]
    pool.sort(key=lambda name: int(name[1:-4]))
    names = [mat5.text(name) for name in pool]
    mat5.save_matrix(
        root / "annotation" / "pool.mat",
        "pool",
        lambda name: mat5.cell(names, (len(names), 1), name),
    )
    protocols = _Protocols(options.seed, pool, test)
    for size in GALLERY_SIZES:
        mat5.save_structs(
            folder / f"TestG{size}.mat",
            f"TestG{size}",
            ("Query", "Gallery"),
            len(test),
            lambda size=size: protocols.rows(size),
        )
    return {
        "images": len(plan),
        "boxes": sum(len(record["people"]) for record in records),
        "training people": len(train),
        "queries": len(test),
    }
