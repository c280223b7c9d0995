"""The CUHK03 layout.

``images_labeled`` and ``images_detected`` with ``{pair}_{person:03}_{view}_{n:02}.png``
as everybody extracts them, ``cuhk03_new_protocol_config_{labeled,detected}.mat``, and
``cuhk03_release/cuhk-03.mat`` (HDF5, as MATLAB's version 7.3 writes it; needs h5py):
``labeled`` and ``detected``, cells of five camera pairs with a cell per person and
picture, and ``testsets``, 20 lists of camera pair and person.
"""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from mmpsearch.datasets.synthetic.crop_options import CropOptions
from mmpsearch.datasets.synthetic.crop_plan import VIEWS, CropSpec
from mmpsearch.datasets.synthetic.seeds import stream
from mmpsearch.datasets.synthetic.writers import mat5
from mmpsearch.utils.atomic import replace_when_done

_BOXES = ("labeled", "detected")
_PAIRS, _TEST_SETS = 5, 20
_TEST_SHARE = 100 / 1467


def _place(spec: CropSpec) -> tuple[int, int]:
    """Camera pair and number of the person, over all pairs, from 1."""
    return spec.camera // 2 + 1, spec.person_id


def name_cuhk03(options: CropOptions, drafts: list[CropSpec]) -> list[CropSpec]:
    """Every file twice, labelled and detected; people are numbered by pair."""
    first: dict[int, int] = {}
    for spec in drafts:
        pair, person = _place(spec)
        first[pair] = min(first.get(pair, person), person)
    plan = []
    for boxes in _BOXES:
        for spec in drafts:
            pair, person = _place(spec)
            view = 1 if spec.serial <= VIEWS else 2
            local = person - first[pair] + 1
            name = f"{pair}_{local:03d}_{view}_{spec.serial:02d}.png"
            plan.append(replace(spec, path=f"images_{boxes}/{name}"))
    return plan


def write_cuhk03(
    root: Path, options: CropOptions, plan: list[CropSpec]
) -> dict[str, int]:
    """Write the MATLAB files; returns the number of files of one kind of boxes."""
    counts = {}
    for boxes in _BOXES:
        own = [spec for spec in plan if spec.path.startswith(f"images_{boxes}/")]
        own.sort(key=lambda spec: spec.path)
        _write_config(root / f"cuhk03_new_protocol_config_{boxes}.mat", own)
        counts = {
            split: sum(spec.split == split for spec in own)
            for split in ("train", "query", "gallery")
        }
    if importlib.util.find_spec("h5py"):
        _write_release(root, options, plan)
    return counts


def _write_config(path: Path, specs: list[CropSpec]) -> None:
    columns = {
        "camId": [1 if spec.serial <= VIEWS else 2 for spec in specs],
        "labels": [spec.person_id for spec in specs],
    }
    for split in ("train", "query", "gallery"):
        chosen = [i for i, spec in enumerate(specs, start=1) if spec.split == split]
        columns[f"{split}_idx"] = chosen
    names = [mat5.text(spec.path.split("/")[1]) for spec in specs]
    variables = [
        mat5.numeric(np.array(values, float).reshape(-1, 1), key)
        for key, values in columns.items()
    ]
    variables.append(mat5.cell(names, (len(names), 1), "filelist"))
    mat5.save_variables(path, variables)


def _write_release(root: Path, options: CropOptions, plan: list[CropSpec]) -> None:
    import h5py

    folder = root / "cuhk03_release"
    folder.mkdir(exist_ok=True)
    with (
        replace_when_done(folder / "cuhk-03.mat") as temporary,
        h5py.File(temporary, "w", userblock_size=512) as file,
    ):
        refs = file.create_group("#refs#")

        def store(array: np.ndarray):
            return refs.create_dataset(
                str(len(refs)), data=array, track_times=False
            ).ref

        def cells(name: str, array: np.ndarray, group=file):
            shape = array.T.astype(h5py.ref_dtype)
            return group.create_dataset(name, data=shape, track_times=False)

        empty = store(np.zeros(2, np.uint64))
        people = _people(plan)
        for boxes in _BOXES:
            outer = np.empty((_PAIRS, 1), dtype=object)
            for pair in range(_PAIRS):
                inner = np.full((people[pair], 2 * VIEWS), empty, dtype=object)
                for picture in (root / f"images_{boxes}").glob(f"{pair + 1}_*.png"):
                    _, person, _, serial = map(int, picture.stem.split("_"))
                    rgb = cv2.imread(str(picture))[:, :, ::-1]
                    inner[person - 1, serial - 1] = store(rgb.transpose(2, 1, 0))
                outer[pair, 0] = cells(str(len(refs)), inner, refs).ref
            cells(boxes, outer)
        sets = np.empty((_TEST_SETS, 1), dtype=object)
        for i, chosen in enumerate(_test_sets(options, people)):
            sets[i, 0] = store(chosen.T.astype(float))
        cells("testsets", sets)


def _people(plan: list[CropSpec]) -> list[int]:
    """Number of people of every camera pair."""
    seen = [set() for _ in range(_PAIRS)]
    for spec in plan:
        seen[_place(spec)[0] - 1].add(spec.person_id)
    return [len(ids) for ids in seen]


def _test_sets(options: CropOptions, people: list[int]) -> list[np.ndarray]:
    """Twenty random (T, 2) lists of camera pair and person, from 1."""
    rng = stream(options.seed, "plan", 103)
    everybody = np.array(
        [(p + 1, i + 1) for p in range(_PAIRS) for i in range(people[p])]
    )
    size = max(2, round(_TEST_SHARE * len(everybody)))
    return [rng.permutation(everybody)[:size] for _ in range(_TEST_SETS)]
