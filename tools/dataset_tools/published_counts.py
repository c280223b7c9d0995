"""What each data set should hold, and what a copy of it does hold."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from functools import partial

from mmpsearch.datasets import (
    CUHK03,
    CUHKSYSU,
    MSMT17,
    PRW,
    SYSUMM01,
    COCOPersons,
    COCOPersonSearch,
    DukeMTMCReID,
    LUPerson,
    Market1501,
    MOTPersonSearch,
    OccludedDuke,
    PersonX,
    RegDB,
)
from mmpsearch.errors import MissingPicturesError

# Images, boxes, identities; in testing queries. CUHK-SYSU: Xiao et al., CVPR 2017.
# PRW: Zheng et al., CVPR 2017. COCOPersons: persons that are no crowd in train2017.
SEARCH_COUNTS = {
    "CUHK-SYSU": {
        "train": dict(images=11206, boxes=55272, identities=5532),
        "test": dict(images=6978, boxes=40871, queries=2900),
    },
    "PRW": {
        "train": dict(images=5704, boxes=18048, identities=483, cameras=6),
        "test": dict(images=6112, boxes=25062, queries=2057, cameras=6),
    },
    "COCOPersons": {"train": dict(images=64115, boxes=257252)},
    # Own data: counted, and compared with nothing.
    "COCOPersonSearch": {},
    "MOTPersonSearch": {},
}


@dataclass
class SplitReport:
    """One split of a data set.

    Attributes:
        name: Of the split.
        cells: (quantity, published or None, found) of everything that was counted.
        paths: Its pictures.
        missing: Pictures that are listed but not there.
        error: Why the split could not be read, or None.
    """

    name: str
    cells: list[tuple[str, int | None, int]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    error: str | None = None

    @property
    def passed(self) -> bool:
        """Whether everything published was found and no picture is missing."""
        right = all(want in (None, found) for _, want, found in self.cells)
        return right and not self.missing and self.error is None


Build = Callable[..., object]
DATASETS: dict[str, Build] = {
    "market1501": Market1501,
    "dukemtmc": DukeMTMCReID,
    "occluded_duke": OccludedDuke,
    "msmt17": MSMT17,
    "msmt17_with_val": partial(MSMT17, with_val=True),
    "cuhk03_labeled": partial(CUHK03, boxes="labeled"),
    "cuhk03_detected": partial(CUHK03, boxes="detected"),
    "cuhk03_classic": partial(CUHK03, protocol="classic"),
    "personx": PersonX,
    "luperson": LUPerson,
    "sysu_mm01": SYSUMM01,
    "sysu_mm01_indoor": partial(SYSUMM01, mode="indoor"),
    "regdb": RegDB,
    "cuhk_sysu": CUHKSYSU,
    "prw": PRW,
    "coco_persons": COCOPersons,
    "coco_person_search": COCOPersonSearch,
    "mot_person_search": MOTPersonSearch,
}
OWN = (COCOPersonSearch, MOTPersonSearch)


def inspect(name: str, root: str, rule: str | None = None) -> Iterator[SplitReport]:
    """Read a data set split by split; what cannot be read becomes ``error``.

    Args:
        name: Of the data set.
        root: Its folder.
        rule: How to split own data; None: as its annotations say, sequences by time.
    """
    build = DATASETS[name]
    cls = build.func if isinstance(build, partial) else build
    is_search = cls.NAME in SEARCH_COUNTS
    splits = ("train",) if cls is COCOPersons else cls.SPLITS
    options = dict(read_sizes=False) if is_search else {}
    if cls in OWN:
        splits = ("train", "test")
        if rule or cls is MOTPersonSearch:
            options["split_by"] = dict(by=rule or "time")
    for split in splits:
        dataset = build(root, split=split, lazy_init=True, pipeline=[], **options)
        for part in (split,) if is_search else dataset.parts:
            report = SplitReport(
                part if split in (part, "test") else f"{split} ({part})"
            )
            try:
                if is_search:
                    _inspect_scenes(dataset, report)
                else:
                    _inspect_crops(dataset, part, report)
            except MissingPicturesError as error:
                report.error, report.missing = str(error), error.paths
            except (OSError, ValueError, ImportError) as error:
                report.error = str(error)
            yield report


def _inspect_crops(dataset, part: str, report: SplitReport) -> None:
    if not os.path.isdir(dataset.data_root):
        dataset.require()
    crops = dataset.read_split(part)
    found, published = crops.counts(), dataset.published(part)
    for quantity in (entry.name for entry in fields(found)):
        want, have = getattr(published, quantity), getattr(found, quantity)
        if quantity != "per_camera":
            report.cells.append((quantity.replace("_", " "), want, have))
            continue
        want = want or (None,) * len(have)
        for camera in range(max(len(want), len(have))):
            numbers = (list(part[camera : camera + 1]) or [0] for part in (want, have))
            report.cells.append((f"camera {camera}", *(n[0] for n in numbers)))
    report.paths = crops.paths


def _inspect_scenes(dataset, report: SplitReport) -> None:
    dataset.full_init()
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    cameras = {info["camera_id"] for info in infos} - {-1}
    found = dict(
        images=len(infos),
        boxes=sum(len(info["gt_bboxes"]) for info in infos)
        + dataset.problem_counts.get("boxes without area", 0),
        identities=dataset.num_identities,
        cameras=len(cameras),
    )
    if "protocol" in dataset.metainfo:
        found["queries"] = dataset.metainfo["protocol"].num_queries
    published = SEARCH_COUNTS[dataset.NAME].get(report.name, {})
    report.cells = [(key, published.get(key), have) for key, have in found.items()]
    report.paths = [info["img_path"] for info in infos]
    report.missing = [path for path in report.paths if not os.path.exists(path)]
