"""LUPerson's extracted form: ``images/ii_jj_kkkk_mmmmmmmm.jpg`` and a list of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mmpsearch.datasets.synthetic.crop_options import CropOptions
from mmpsearch.datasets.synthetic.crop_plan import CropSpec
from mmpsearch.datasets.synthetic.manifest import write_atomically


def name_luperson(options: CropOptions, drafts: list[CropSpec]) -> list[CropSpec]:
    """Numbers of the video (here the camera), the person and the picture."""
    plan = []
    for spec in drafts:
        video, track = divmod(spec.camera, 100)
        person = f"{spec.person_id % 10000:04d}"
        name = f"{video:02d}_{track:02d}_{person}_{spec.picture:08d}.jpg"
        plan.append(replace(spec, path=f"images/{name}"))
    return plan


def write_luperson(
    root: Path, options: CropOptions, plan: list[CropSpec]
) -> dict[str, int]:
    """Write ``list.txt``; returns the number of pictures."""
    lines = "".join(f"{path}\n" for path in sorted(spec.path for spec in plan))
    write_atomically(root / "list.txt", lines.encode())
    return {"images": len(plan)}
