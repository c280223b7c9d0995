"""The MSMT17 layout: ``train``, ``test`` and four lists of picture and person id."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mmpsearch.datasets.synthetic.crop_options import CropOptions
from mmpsearch.datasets.synthetic.crop_plan import CropSpec
from mmpsearch.datasets.synthetic.manifest import write_atomically

_SLOTS = ("morning", "noon", "afternoon")


def name_msmt17(options: CropOptions, drafts: list[CropSpec]) -> list[CropSpec]:
    """``PPPP/PPPP_NNN_CC_MMDDslot_XXXX_k.jpg``."""
    plan = []
    for spec in drafts:
        folder = "test" if spec.split in ("query", "gallery") else "train"
        person, number = f"{spec.person_id:04d}", spec.serial - 1
        when = f"0{303 + spec.picture % 4}{_SLOTS[spec.picture % 3]}"
        place = f"{spec.camera + 1:02d}_{when}_{spec.picture % 10000:04d}"
        name = f"{person}_{number:03d}_{place}_{spec.picture % 3}.jpg"
        plan.append(replace(spec, path=f"{folder}/{person}/{name}"))
    return plan


def write_msmt17(
    root: Path, options: CropOptions, plan: list[CropSpec]
) -> dict[str, int]:
    """Write ``list_train.txt`` and its like; returns their lengths."""
    counts = {}
    for split in ("train", "val", "query", "gallery"):
        lines = [
            f"{spec.path.split('/', 1)[1]} {spec.person_id}\n"
            for spec in plan
            if spec.split == split
        ]
        write_atomically(root / f"list_{split}.txt", "".join(lines).encode())
        counts[f"list_{split}"] = len(lines)
    return counts
