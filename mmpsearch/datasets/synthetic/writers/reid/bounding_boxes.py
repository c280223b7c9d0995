"""The layouts whose file names say everything: Market-1501, Duke, PersonX.

``bounding_box_train``, ``query`` and ``bounding_box_test`` hold the pictures. As in
the originals a ``Thumbs.db`` lies in Market-1501's training folder.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from mmpsearch.datasets.synthetic.crop_options import CropOptions
from mmpsearch.datasets.synthetic.crop_plan import CropSpec
from mmpsearch.datasets.synthetic.manifest import write_atomically

FOLDER_OF = {
    "train": "bounding_box_train",
    "query": "query",
    "gallery": "bounding_box_test",
}
PERSONX_CAMERAS = (3, 4, 8, 10, 11, 12)


def name_market(options: CropOptions, drafts: list[CropSpec]) -> list[CropSpec]:
    """``PPPP_cCsS_FFFFFF_NN.jpg``; boxes drawn by hand (queries) have number 00."""

    def name(spec: CropSpec) -> str:
        person = "-1" if spec.person_id < 0 else f"{spec.person_id:04d}"
        frame = 1 + 25 * spec.picture
        box = 0 if spec.split == "query" else 1 + spec.picture % 9
        sequence = 1 + spec.picture % 6
        return f"{person}_c{spec.camera + 1}s{sequence}_{frame:06d}_{box:02d}.jpg"

    return _named(drafts, name)


def name_duke(options: CropOptions, drafts: list[CropSpec]) -> list[CropSpec]:
    """``PPPP_cC_fFFFFFFF.jpg``."""

    def name(spec: CropSpec) -> str:
        frame = 40000 + 60 * spec.picture
        return f"{spec.person_id:04d}_c{spec.camera + 1}_f{frame:07d}.jpg"

    return _named(drafts, name)


def name_personx(options: CropOptions, drafts: list[CropSpec]) -> list[CropSpec]:
    """``PPPP_cC_NN.jpg`` with the cameras 3, 4, 8, 10, 11, 12."""

    def name(spec: CropSpec) -> str:
        camera = PERSONX_CAMERAS[spec.camera]
        return f"{spec.person_id:04d}_c{camera}_{spec.serial:02d}.jpg"

    return _named(drafts, name)


def _named(drafts: list[CropSpec], name) -> list[CropSpec]:
    return [replace(d, path=f"{FOLDER_OF[d.split]}/{name(d)}") for d in drafts]


def write_folders(
    root: Path, options: CropOptions, plan: list[CropSpec]
) -> dict[str, int]:
    """Nothing but pictures; returns the files of each folder."""
    if options.layout == "market1501":
        write_atomically(root / FOLDER_OF["train"] / "Thumbs.db", b"\xd0\xcf\x11\xe0")
    counts = Counter(spec.split for spec in plan)
    return {FOLDER_OF[split]: counts[split] for split in FOLDER_OF}
