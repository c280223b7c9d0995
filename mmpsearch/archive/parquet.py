"""Records as Parquet, which pandas, DuckDB, Spark and Ray read as well.

One row a person: ``embedding`` (list of D float32, of length 1), ``box`` (list of 4
float32, xyxy in pixels), ``score``, ``path``, ``camera``, ``time``, ``clock``,
``frame``, ``track``, ``start``, ``end`` and ``scene`` as in ``Records``.
"""

from __future__ import annotations

import json
import os

import numpy as np

from mmpsearch.errors import ArchiveError
from mmpsearch.gallery.records import Records
from mmpsearch.utils.atomic import replace_when_done

VECTORS = {"embeddings": "embedding", "boxes": "box", "scenes": "scene"}
NUMBERS = {
    "scores": "score",
    "times": "time",
    "clocks": "clock",
    "frames": "frame",
    "tracks": "track",
    "starts": "start",
    "ends": "end",
}
NAMES = {"paths": "path", "cameras": "camera"}
ABOUT = b"mmpsearch"  # key of the metadata


def write_records(
    path: str | os.PathLike, records: Records, about: dict | None = None
) -> None:
    """Write people; the file is there afterwards, whole, or it is not.

    Numbers and dates of adding belong to a gallery, and are not written.

    Args:
        path: The file.
        records: The people.
        about: Kept in the file's metadata as JSON, see `read_about`.

    Raises:
        ImportError: PyArrow is not installed.
    """
    pyarrow, parquet = _pyarrow()
    columns = {}
    for field, name in VECTORS.items():
        array = getattr(records, field)
        flat = pyarrow.array(np.ascontiguousarray(array, np.float32).reshape(-1))
        width = array.shape[1]
        # a list of no values cannot be of fixed size 0 in every reader
        columns[name] = (
            pyarrow.FixedSizeListArray.from_arrays(flat, width)
            if width
            else pyarrow.nulls(len(records), pyarrow.list_(pyarrow.float32()))
        )
    for field, name in NUMBERS.items():
        columns[name] = pyarrow.array(getattr(records, field))
    for field, name in NAMES.items():
        texts = [_to_utf8(text) for text in getattr(records, field)]
        columns[name] = pyarrow.array(texts, pyarrow.string())
    with replace_when_done(path) as temporary:
        table = pyarrow.table(columns).replace_schema_metadata(
            {ABOUT: json.dumps(about or {})}
        )
        parquet.write_table(table, temporary, compression="zstd")


def read_records(path: str | os.PathLike) -> Records:
    """Read people that ``write_records`` wrote; ids are -1 and ``added`` is NaN.

    Raises:
        ArchiveError: The file is damaged or holds something else.
    """
    pyarrow, parquet = _pyarrow()
    try:
        table = parquet.read_table(path, memory_map=False)
        count = table.num_rows
        columns = {
            field: _vectors(table, name, count) for field, name in VECTORS.items()
        }
        for field, name in NUMBERS.items():
            columns[field] = table[name].to_numpy()
        for field, name in NAMES.items():
            texts = [_from_utf8(text) for text in table[name].to_pylist()]
            columns[field] = np.array(texts + [None], object)[:-1]
        records = Records(
            ids=np.full(count, -1, np.int64), added=np.full(count, np.nan), **columns
        )
    except (pyarrow.ArrowException, KeyError, OSError, ValueError) as error:
        raise ArchiveError(f"{path}: not readable as people: {error}") from error
    if not np.isfinite(records.embeddings).all():
        raise ArchiveError(f"{path}: there are embeddings that are not finite")
    return records


def read_about(path: str | os.PathLike) -> dict:
    """What was written of the file as a whole; its people are not read.

    Raises:
        ArchiveError: The file is damaged or holds something else.
    """
    pyarrow, parquet = _pyarrow()
    try:
        return json.loads(parquet.read_schema(path).metadata[ABOUT])
    except (pyarrow.ArrowException, KeyError, TypeError, OSError, ValueError) as error:
        raise ArchiveError(f"{path}: not readable as people: {error}") from error


def _vectors(table, name: str, count: int) -> np.ndarray:
    """(N, width) float32."""
    column = table[name].combine_chunks()
    if column.null_count == count:
        return np.empty((count, 4 if name == "box" else 0), np.float32)
    return column.flatten().to_numpy().astype(np.float32).reshape(count, -1)


def _to_utf8(text: str) -> str:
    """File names need not be UTF-8; what is not travels as backslash escapes."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "\\x00" + os.fsencode(text).hex()
    return text


def _from_utf8(text: str) -> str:
    if text.startswith("\\x00"):
        return os.fsdecode(bytes.fromhex(text[4:]))
    return text


def _pyarrow():
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise ImportError(
            f"archives need PyArrow ({error}): pip install 'mmpsearch[archive]'"
        ) from error
    return pyarrow, parquet
