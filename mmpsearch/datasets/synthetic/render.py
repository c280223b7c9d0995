"""Rendering a data set to disk: deterministic, parallel, resumable.

Every picture is drawn from its own seed, so the bytes do not depend on the number of
workers. A picture counts as done when both its JPEG file and its record exist; both
are written under a temporary name and then renamed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from mmpsearch.datasets.synthetic.camera import make_camera
from mmpsearch.datasets.synthetic.identity import (
    Identity,
    draw_identity,
    draw_look_alike,
)
from mmpsearch.datasets.synthetic.manifest import (
    RECORDS,
    claim_folder,
    is_written,
    write_atomically,
)
from mmpsearch.datasets.synthetic.options import SyntheticOptions
from mmpsearch.datasets.synthetic.parallel import draw_all
from mmpsearch.datasets.synthetic.plan import SceneSpec, make_plan
from mmpsearch.datasets.synthetic.scene import CROWD, Member, Scene, compose_scene
from mmpsearch.datasets.synthetic.seeds import stream
from mmpsearch.errors import RenderingError

Record = dict


@lru_cache(maxsize=2048)
def _identity(seed: int, split: str, index: int, harder: bool) -> Identity:
    draw = draw_look_alike if harder else draw_identity
    return draw(seed, split, index)


def render_scene(options: SyntheticOptions, spec: SceneSpec) -> Scene:
    """Draw one picture of a data set."""
    camera = make_camera(options.seed, spec.camera, options.size, options.harder)
    members = [
        Member(
            _identity(options.seed, r.split, r.index, options.harder),
            r.person_id,
            r.protected,
        )
        for r in spec.roles
    ]
    rng = stream(options.seed, "scene", len(options.layout), spec.number)
    return compose_scene(camera, members, rng)


def _outline(mask: np.ndarray) -> list[list[float]]:
    """COCO polygons of a boolean mask: its outer contours along the pixels' edges."""
    down, along = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not down.size:
        return []
    y0, x0 = down[0], along[0]
    part = mask[y0 : down[-1] + 1, x0 : along[-1] + 1].astype(np.uint8)
    twice = part.repeat(2, axis=0).repeat(2, axis=1)
    contours, _ = cv2.findContours(twice, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    # Doubled, a pixel's last row and column are odd, and its edge is one further.
    edges = [(c[:, 0] + c[:, 0] % 2) // 2 + (x0, y0) for c in contours]
    return [points.ravel().astype(float).tolist() for points in edges]


def _run_lengths(mask: np.ndarray) -> list[int]:
    """COCO's uncompressed run lengths of a mask, column by column, zeros first."""
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate(([0], edges, [flat.size]))).tolist()
    return [0, *runs] if flat[0] else runs


def describe(scene: Scene, layout: str) -> Record:
    """What the writers need to know of a picture, as plain values.

    Returns:
        ``people``: ``[{id, box (x0, y0, x1, y1), visibility}]``, annotated ones only.
        For COCO also ``area`` and ``outline`` of each, ``props`` with the same keys
        and a name for ``id``, and ``crowd`` with ``box``, ``area`` and ``runs``.
    """
    height, width = scene.owner.shape
    people = scene.annotated()
    record: Record = {"height": height, "width": width}

    def entry(box) -> dict:
        item = {"id": box.label, "box": box.xyxy, "visibility": box.visibility}
        if layout == "coco":
            mask = scene.owner == box.owner
            item |= {"area": int(mask.sum()), "outline": _outline(mask)}
        return item

    record["people"] = [entry(box) for box in people]
    if layout == "coco":
        record["props"] = [entry(box) for box in scene.props if box.visibility > 0.2]
        crowd = [box.owner for box in scene.people if box.label == CROWD]
        mask = np.isin(scene.owner, crowd)
        if mask.any():
            down, along = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
            box = (along[0], down[0], along[-1] + 1, down[-1] + 1)
            record["crowd"] = {
                "box": [int(x) for x in box],
                "area": int(mask.sum()),
                "runs": _run_lengths(mask),
            }
    return record


def record_path(root: Path, spec: SceneSpec) -> Path:
    """Where the record of a picture lies."""
    return root / RECORDS / f"{Path(spec.name).stem}.json"


def _render_one(options: SyntheticOptions, spec: SceneSpec, root: str) -> None:
    scene = render_scene(options, spec)
    camera = make_camera(options.seed, spec.camera, options.size, options.harder)
    flags = [cv2.IMWRITE_JPEG_QUALITY, camera.quality]
    done, data = cv2.imencode(".jpg", scene.image, flags)
    if not done:
        raise RuntimeError(f"{spec.path}: OpenCV could not encode the picture as JPEG")
    record = json.dumps(describe(scene, options.layout)).encode()
    write_atomically(record_path(Path(root), spec), record)
    write_atomically(Path(root) / spec.path, data.tobytes())


def render_dataset(
    options: SyntheticOptions,
    root: str | os.PathLike,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[SceneSpec], list[Record]]:
    """Render what is missing of a data set.

    Args:
        options: What to render.
        root: Folder of the data set. It may hold an interrupted rendering of the
            same options, which is completed, but none of other options.
        workers: Number of processes; 0 or 1 renders in this one.
        progress: Called with (pictures done, pictures in all).

    Returns:
        The plan and, in the same order, the record of each picture.

    Raises:
        ManifestError: ``root`` holds a data set of other options.
    """
    root = Path(root)
    claim_folder(root, options.to_dict())
    plan = make_plan(options)
    for folder in {(root / spec.path).parent for spec in plan} | {root / RECORDS}:
        folder.mkdir(parents=True, exist_ok=True)
    missing = [
        spec
        for spec in plan
        if not (is_written(root / spec.path) and is_written(record_path(root, spec)))
    ]
    missing.sort(key=lambda spec: spec.camera)
    draw_all(
        _render_one,
        missing,
        options,
        root=root,
        workers=workers,
        progress=progress,
        total=len(plan),
    )
    return plan, [_read_record(record_path(root, spec)) for spec in plan]


def _read_record(path: Path) -> Record:
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise RenderingError(
            f"{path} cannot be read ({error}); delete it and run the same command again"
        ) from error
