"""The RegDB layout: ``Visible/I/*.bmp``, ``Thermal/I/*.bmp``, lists of ten trials."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from mmpsearch.datasets.synthetic.crop_options import CropOptions
from mmpsearch.datasets.synthetic.crop_plan import CropSpec
from mmpsearch.datasets.synthetic.identity import draw_identity
from mmpsearch.datasets.synthetic.manifest import write_atomically
from mmpsearch.datasets.synthetic.seeds import stream

_TRIALS = 10
_SPECTRA = {"rgb": "visible", "ir": "thermal"}


def name_regdb(options: CropOptions, drafts: list[CropSpec]) -> list[CropSpec]:
    """``Visible/I/sex_view_v_PPPPP_N.bmp``, with t for thermal."""

    def path(spec: CropSpec) -> str:
        female = draw_identity(options.seed, *spec.who).female
        spectrum = _SPECTRA[spec.modality]
        name = f"{'female' if female else 'male'}_front_{spectrum[0]}"
        name += f"_{spec.picture + 1:05d}_{spec.serial}.bmp"
        return f"{spectrum.capitalize()}/{spec.person_id}/{name}"

    return [replace(draft, path=path(draft)) for draft in drafts]


def write_regdb(
    root: Path, options: CropOptions, plan: list[CropSpec]
) -> dict[str, int]:
    """Write ``idx``; returns the pictures of each part of trial 1.

    The first trial trains on the people who were drawn as training people; the others
    divide everybody anew, with as many on either side.
    """
    people = sorted({spec.person_id for spec in plan})
    first = {spec.person_id for spec in plan if spec.split == "train"}
    for trial in range(1, _TRIALS + 1):
        chosen = first
        if trial > 1:
            order = stream(options.seed, "plan", 105, trial).permutation(people)
            chosen = set(order[: options.identities].tolist())
        sides = {
            "train": [person for person in people if person in chosen],
            "test": [person for person in people if person not in chosen],
        }
        for side, own in sides.items():
            label = {person: i for i, person in enumerate(own)}
            for modality, spectrum in _SPECTRA.items():
                lines = [
                    f"{spec.path} {label[spec.person_id]}\n"
                    for spec in sorted(plan, key=lambda s: (s.person_id, s.serial))
                    if spec.person_id in label and spec.modality == modality
                ]
                path = root / "idx" / f"{side}_{spectrum}_{trial}.txt"
                write_atomically(path, "".join(lines).encode())
    counts = Counter(spec.split for spec in plan)
    return {part: counts[part] for part in ("train", "query", "gallery")}
