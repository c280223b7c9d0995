"""Galleries in Milvus: an embedded file, a server or a cluster by one client."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.milvus_book import MilvusBook
from mmpsearch.gallery.milvus_client import connect, disconnect, milvus_errors
from mmpsearch.gallery.milvus_rows import (
    FIELDS,
    GROUPS,
    MAX_TEXT,
    add_fields,
    day_of,
    encode,
    expression,
    records_of_rows,
    rows_of,
    scene_column,
)
from mmpsearch.gallery.records import Records, join, no_records
from mmpsearch.gallery.store import Candidates, FileState, Store
from mmpsearch.gallery.suppression import read_sidecar, write_sidecar

BATCH = 1000  # rows of one call
MAX_WANTED = 16_384  # Milvus gives no more
MAX_PARTITIONS = 1000
EPOCH_MS = 1_577_836_800_000  # 2020; ids stay below 2**53


class MilvusStore(Store):
    """Records in a Milvus collection, in partitions by day.

    Several processes may write to a server at once; the embedded file belongs to one.
    Milvus Lite never overwrites: after a removal the day's partition is written anew
    and the old one dropped, so that nothing of the embeddings stays. A server does
    that by its own compaction, which is asked for.

    Args:
        location: A name that ends with ``.db``, or ``http(s)://HOST:PORT``.
        write: Allow changes.
        collection: Name of the gallery on the server.
        index: ``index_type`` and ``params`` of the index, such as HNSW on a server;
            None: FLAT, which is exact.
        search_params: Of that index, such as ``{"ef": 200}``.
        suppression_file: Keeps the list of suppressed people outside the database
            too, where a restored backup cannot replace it; of ``.db`` beside it.
        options: See ``milvus_client.connect``: ``token``, ``server_ca``, ...

    Raises:
        GalleryError: It cannot be reached or opened.
        ImportError: pymilvus is missing.
    """

    def __init__(
        self,
        location: str,
        write: bool = True,
        collection: str = "people",
        index: dict | None = None,
        search_params: dict | None = None,
        suppression_file: str | None = None,
        **options,
    ) -> None:
        embedded = "://" not in location
        if embedded and not write and not os.path.exists(location):
            raise GalleryError(f"there is no gallery {location}")
        self._client, self.location = connect(location, **options)
        self._write, self._name = write, collection
        self._index = index or {"index_type": "FLAT", "params": {}}
        self._search_params = search_params or {}
        self._sidecar = suppression_file or (
            f"{self.location}.suppressed.json" if embedded else None
        )
        self._waiting: list[Records] = []
        self._removed = False
        self._last_id = -1
        self._dimension: int | None = None
        try:
            with self._errors():
                self._lite = embedded or "lite" in self._version()
                self._book = MilvusBook(self._client, f"{collection}_book", write)
                if self._client.has_collection(collection):
                    self._describe()
                self._finish_renewal()
            self.header, self.suppression = self._book.header, self._book.suppression
            if self._sidecar and self.suppression.join(read_sidecar(self._sidecar)):
                self._apply_suppression()
        except BaseException:
            disconnect(self._client, self.location)
            raise

    def _errors(self):
        return milvus_errors(self.location)

    def _version(self) -> str:
        return str(self._client.get_server_version()).lower()

    def _describe(self) -> None:
        fields = self._client.describe_collection(self._name)["fields"]
        known = {field["name"]: field for field in fields}
        if not set(FIELDS) <= known.keys():
            raise GalleryError(
                f"the collection {self._name} of {self.location} is not a gallery"
            )
        self._dimension = int(known["embeddings"]["params"]["dim"])
        self._client.load_collection(self._name)

    def _create(self, dimension: int) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        add_fields(schema, DataType, dimension)
        index = self._client.prepare_index_params()
        index.add_index("embeddings", metric_type="IP", **self._index)
        self._client.create_collection(
            self._name, schema=schema, index_params=index, consistency_level="Strong"
        )
        self._dimension = dimension

    def _apply_suppression(self) -> None:
        """Remove who was suppressed after this state was written (a backup)."""
        for records in list(self.batches()):
            gone = ~self.suppression.allowed(records)
            if gone.any() and self._write:
                self.remove(records.ids[gone])
        if self._write:
            self.flush()

    # store -------------------------------------------------------------------

    def __len__(self) -> int:
        return self.count(Where())

    @property
    def dimension(self) -> int | None:
        return self._dimension

    def reserve_ids(self, count: int) -> int:
        now = (int(time.time() * 1000) - EPOCH_MS) << 14
        start = now + int.from_bytes(os.urandom(2), "big") % (1 << 13)
        first = max(start, self._last_id + 1)
        self._last_id = first + count - 1
        return first

    def add(self, records: Records) -> None:
        self._refuse_reader()
        if not len(records):
            return
        if max(len(encode(str(path)).encode()) for path in records.paths) > MAX_TEXT:
            raise GalleryError("a path is too long for a Milvus gallery")
        if self._dimension is None:
            with self._errors():
                self._create(records.embeddings.shape[1])
        self._last_id = max(self._last_id, int(records.ids[-1]))
        self._waiting.append(records)
        self._book.cameras.update(map(str, records.cameras))
        for path in dict.fromkeys(map(str, records.paths)):
            if path not in self._book.files:
                self._book.set_file(path, FileState(-1, -1))
        if sum(map(len, self._waiting)) >= BATCH:
            self._send()

    def _send(self) -> None:
        """Insert what waits, by day."""
        if not self._waiting:
            return
        records, self._waiting = join(self._waiting), []
        with self._errors():
            self._insert(records)
            self._book.save()

    def _insert(self, records: Records) -> None:
        days = np.array([day_of(moment) for moment in records.moments()])
        for day in np.unique(days):
            name = self._partition(str(day))
            rows = rows_of(records.take(days == day))
            for start in range(0, len(rows), BATCH):
                self._client.insert(
                    self._name, rows[start : start + BATCH], partition_name=name
                )

    def _partition(self, day: str) -> str:
        name = self._book.partitions.get(day)
        if name is None:
            full = len(self._book.partitions) >= MAX_PARTITIONS
            name = "day_older" if full else f"day_{day}"
            if not self._client.has_partition(self._name, name):
                self._client.create_partition(self._name, name)
            self._book.partitions[day] = name
        return name

    def remove(self, ids: np.ndarray) -> None:
        self._refuse_reader()
        self._send()
        ids = np.asarray(ids, np.int64)
        for start in range(0, len(ids), BATCH):
            some = self.fetch(ids[start : start + BATCH])
            if len(some):
                with self._errors():
                    self._note_removal({day_of(moment) for moment in some.moments()})
                    self._client.delete(self._name, ids=some.ids.tolist())

    def _note_removal(self, days: set[str]) -> None:
        """Put down what is to be cleaned, before it is to be."""
        self._removed = True
        if self._lite:
            names = {self._book.partitions.get(day) for day in days} - {None}
            known = self.header.notes.get("renewing", ())
            self.header.notes["renewing"] = sorted(names.union(known))
            self._book.save()

    def find(self, where: Where) -> np.ndarray:
        found = [
            np.array([row["ids"] for row in rows], np.int64)
            for rows in self._iterate(expression(where), ["ids"])
        ]
        return np.sort(np.concatenate([np.empty(0, np.int64), *found]))

    def count(self, where: Where) -> int:
        condition = expression(where)
        self._send()
        if condition is None or self._dimension is None:
            return 0
        with self._errors():
            rows = self._client.query(
                self._name, filter=condition, output_fields=["count(*)"]
            )
        return int(rows[0]["count(*)"])

    def fetch(self, ids: np.ndarray) -> Records:
        ids = np.unique(np.asarray(ids, np.int64))
        parts = [
            self._query(f"ids in {ids[start : start + BATCH].tolist()}")
            for start in range(0, len(ids), BATCH)
        ]
        return join(parts, self._dimension or 0)

    def nearest(
        self, query: np.ndarray, wanted: int, where: Where, one_per: str | None
    ) -> Candidates:
        condition, compared = expression(where), self.count(where)
        if not compared:
            return Candidates(no_records(len(query)), complete=True)
        limit = min(wanted, MAX_WANTED)
        options = {"group_by_field": GROUPS[one_per]} if one_per else {}
        fields = [GROUPS[one_per]] if one_per else list(FIELDS)
        with self._errors():
            (hits,) = self._client.search(
                self._name,
                data=[query.tolist()],
                anns_field="embeddings",
                limit=limit,
                filter=condition,
                output_fields=fields,
                search_params={"metric_type": "IP", "params": self._search_params},
                **options,
            )
        complete = len(hits) < wanted or limit < wanted
        rows = [hit["entity"] for hit in hits]
        if not one_per:
            return Candidates(
                records_of_rows(rows, len(query)), complete=complete, compared=compared
            )
        # which of a group is the best, and of equal ones the first, is settled here
        names = sorted({row[fields[0]] for row in rows})
        parts = [
            self._query(_both(condition, f"{fields[0]} in [{_texts(some)}]"))
            for some in (names[i : i + 200] for i in range(0, len(names), 200))
        ]
        records = join(parts, len(query))
        return Candidates(records, complete=complete, compared=compared)

    def scenes(
        self, where: Where, size: int = 4096
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for rows in self._iterate(expression(where), ["ids", "scenes"], size):
            ids = np.array([row["ids"] for row in rows], np.int64)
            order = np.argsort(ids)
            yield ids[order], scene_column([row["scenes"] for row in rows])[order]

    def batches(self, size: int = 8192, after: int = -1) -> Iterator[Records]:
        for rows in self._iterate(f"ids > {after}", list(FIELDS), min(size, 2000)):
            yield records_of_rows(rows, self._dimension)

    def _query(self, condition: str) -> Records:
        self._send()
        if self._dimension is None:
            return no_records()
        with self._errors():
            rows = self._client.query(
                self._name,
                filter=condition,
                output_fields=list(FIELDS),
                limit=MAX_WANTED,
            )
        return records_of_rows(rows, self._dimension)

    def _iterate(
        self, condition: str | None, fields: list[str], size: int = 8192
    ) -> Iterator[list[dict]]:
        """Rows in the order of their ids."""
        self._send()
        if condition is None or self._dimension is None:
            return
        with self._errors():
            iterator = self._client.query_iterator(
                self._name, batch_size=size, filter=condition, output_fields=fields
            )
            while rows := iterator.next():
                yield list(rows)
            iterator.close()

    def file_state(self, path: str) -> FileState | None:
        return self._book.files.get(path)

    def set_file(self, path: str, state: FileState) -> None:
        self._refuse_reader()
        self._book.set_file(path, state)

    def drop_file(self, path: str) -> None:
        self._refuse_reader()
        self._book.drop_file(path)

    def paths(self) -> list[str]:
        return list(self._book.files)

    def cameras(self) -> list[str]:
        return sorted(
            name
            for name in self._book.cameras
            if self.count(Where(cameras=frozenset([name])))
        )

    # writing -----------------------------------------------------------------

    def flush(self) -> None:
        if not self._write:
            return
        self._send()
        if self._sidecar and len(self.suppression):
            write_sidecar(self._sidecar, self.suppression)
        with self._errors():
            if self._removed:
                self._clean()
            self._book.save()

    def _clean(self) -> None:
        """Nothing of removed people may stay in the files of Milvus."""
        self._client.flush(self._name)
        if self._lite:
            self._finish_renewal()
        else:
            self._client.compact(self._name)
        self._removed = False

    def _finish_renewal(self) -> None:
        """Write partitions anew; also those that a killed process left half done."""
        names = self._book.header.notes.get("renewing", ())
        if not names or not self._write:
            return
        for old in names:
            if not self._client.has_partition(self._name, old):
                continue
            new = _next_name(old)
            if self._client.has_partition(self._name, new):
                self._client.drop_partition(self._name, new)
            self._copy(old, new)
            self._client.drop_partition(self._name, old)
            for day, name in self._book.partitions.items():
                if name == old:
                    self._book.partitions[day] = new
            self._book.save()
        del self._book.header.notes["renewing"]
        self._book.save()

    def _copy(self, old: str, new: str) -> None:
        self._client.create_partition(self._name, new)
        iterator = self._client.query_iterator(
            self._name,
            batch_size=BATCH,
            partition_names=[old],
            output_fields=[*FIELDS, *GROUPS.values(), "moment"],
        )
        while rows := iterator.next():
            kept = [{k: _plain(v) for k, v in row.items()} for row in rows]
            self._client.insert(self._name, kept, partition_name=new)
        iterator.close()
        self._client.flush(self._name)

    def close(self) -> None:
        try:
            if self._write:
                self.flush()
                with self._errors():
                    for name in (self._name, f"{self._name}_book"):
                        if self._client.has_collection(name):
                            self._client.flush(name)
        finally:
            disconnect(self._client, self.location)

    def _refuse_reader(self) -> None:
        if not self._write:
            raise GalleryError(
                f"the gallery {self.location} was opened for reading only"
            )


def _next_name(name: str) -> str:
    """``day_20261129`` -> ``day_20261129_2`` -> ``day_20261129_3``."""
    base, _, number = name.rpartition("_")
    if base in ("", "day"):
        return f"{name}_2"
    return f"{base}_{int(number) + 1}"


def _both(one: str, other: str) -> str:
    return f"{one} and {other}" if one else other


def _texts(values: list[str]) -> str:
    return ", ".join(json.dumps(value, ensure_ascii=False) for value in values)


def _plain(value: object) -> object:
    """Arrays come as containers that cannot be inserted again."""
    return (
        value if value is None or isinstance(value, (str, int, float)) else list(value)
    )
