"""Records as rows of a Milvus collection, and conditions as its expressions."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime, timezone

import numpy as np

from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.records import Records, no_records

NUMBERS = ("times", "clocks", "starts", "ends")  # NaN is a null there
PLAIN = ("ids", "scores", "frames", "tracks", "added")
FIELDS = ("ids", "embeddings", "boxes", "paths", "cameras", "scenes", *PLAIN, *NUMBERS)
GROUPS = {"image": "picture", "track": "sequence"}
MAX_TEXT = 60_000  # bytes of a path; Milvus takes 65,535
MAX_SCENE = 4096


def add_fields(schema, types, dimension: int) -> None:
    """Describe the collection.

    Args:
        schema: Of pymilvus, empty.
        types: Its ``DataType``.
        dimension: Length of an embedding.
    """
    add = schema.add_field
    add("ids", types.INT64, is_primary=True)
    add("embeddings", types.FLOAT_VECTOR, dim=dimension)
    add("boxes", types.ARRAY, element_type=types.FLOAT, max_capacity=4)
    add("scenes", types.ARRAY, element_type=types.FLOAT, max_capacity=MAX_SCENE)
    for name in ("paths", "cameras", *GROUPS.values()):
        add(name, types.VARCHAR, max_length=65_535)
    for name in ("frames", "tracks"):
        add(name, types.INT64)
    for name in ("scores", "added", "moment"):
        add(name, types.DOUBLE)
    for name in NUMBERS:
        add(name, types.DOUBLE, nullable=True)


def rows_of(records: Records) -> list[dict]:
    """One dict per person."""
    moments = records.moments()
    rows = []
    for n in range(len(records)):
        path = encode(str(records.paths[n]))
        frame, track = int(records.frames[n]), int(records.tracks[n])
        picture = f"{frame} {path}"
        row = {name: getattr(records, name)[n].item() for name in PLAIN}
        for name in NUMBERS:
            value = float(getattr(records, name)[n])
            row[name] = None if math.isnan(value) else value
        row |= {
            "embeddings": records.embeddings[n],
            "boxes": records.boxes[n].tolist(),
            "scenes": records.scenes[n].tolist(),
            "paths": path,
            "cameras": encode(str(records.cameras[n])),
            "picture": picture,
            "sequence": f"track {track} {path}" if track >= 0 else picture,
            "moment": float(moments[n]),
        }
        rows.append(row)
    return rows


def records_of_rows(rows: list[dict], dimension: int) -> Records:
    """The way back; rows in any order, records by rising id."""
    if not rows:
        return no_records(dimension)
    rows = sorted(rows, key=lambda row: row["ids"])
    columns = {name: [row[name] for row in rows] for name in FIELDS}
    for name in NUMBERS:
        columns[name] = [math.nan if v is None else v for v in columns[name]]
    texts = {}
    for name in ("paths", "cameras"):
        texts[name] = np.empty(len(rows), object)
        texts[name][:] = [decode(text) for text in columns[name]]
    return Records(
        ids=np.array(columns["ids"], np.int64),
        embeddings=np.array(columns["embeddings"], np.float32),
        boxes=np.array([list(box) for box in columns["boxes"]], np.float32),
        scores=np.array(columns["scores"], np.float32),
        frames=np.array(columns["frames"], np.int64),
        tracks=np.array(columns["tracks"], np.int64),
        added=np.array(columns["added"], np.float64),
        scenes=scene_column(columns["scenes"]),
        **texts,
        **{name: np.array(columns[name], np.float64) for name in NUMBERS},
    )


def scene_column(scenes: list) -> np.ndarray:
    """(N, S) float32 of lists, some of which may be empty: rows of zeros."""
    width = max(len(scene or ()) for scene in scenes)
    rows = [list(scene or ()) or [0.0] * width for scene in scenes]
    return np.array(rows, np.float32).reshape(len(rows), width)


def expression(where: Where) -> str | None:
    """The conditions; ``""`` for none, None when nobody can meet them."""
    parts = []
    for name, values, wanted in (
        ("cameras", where.cameras, True),
        ("paths", where.paths, True),
        ("paths", where.not_paths or None, False),
        ("ids", where.ids, True),
        ("ids", where.not_ids, False),
    ):
        if values is None:
            continue
        if not len(values):
            if wanted:
                return None
            continue
        parts.append(f"{name} {'in' if wanted else 'not in'} [{_list(values)}]")
    for path, frame in sorted(where.not_frames):
        parts.append(f"picture != {quoted(f'{frame} {path}')}")
    for name, limits in (("times", where.times), ("clocks", where.clocks)):
        if limits is not None:
            low, high = np.clip(limits, -1e300, 1e300)
            parts.append(f"{name} >= {low!r} and {name} <= {high!r}")
    if where.before is not None:
        parts.append(f"moment < {float(where.before)!r}")
    return " and ".join(parts).replace("np.float64(", "(")


def quoted(text: str) -> str:
    """A text as it stands in an expression."""
    return json.dumps(encode(text), ensure_ascii=False)


def _list(values) -> str:
    if isinstance(values, np.ndarray):
        return ", ".join(str(int(value)) for value in values)
    return ", ".join(quoted(value) for value in sorted(values))


def day_of(moment: float) -> str:
    """The day, UTC, by which a record is put into a partition: ``20261129``."""
    try:
        return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y%m%d")
    except (OverflowError, ValueError, OSError):
        return "undated"


def encode(text: str) -> str:
    """Text that UTF-8 can hold: bytes of other names become ``\\xff``."""
    if "\\" not in text and text.isascii():
        return text
    text = text.replace("\\", "\\\\")
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def decode(text: str) -> str:
    """The way back from ``encode``."""
    return re.sub(
        r"\\(?:\\|u([0-9a-f]{4}))",
        lambda found: chr(int(found[1], 16)) if found[1] else "\\",
        text,
    )
