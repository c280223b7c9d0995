"""What a Milvus gallery knows besides people, in a collection of its own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from mmpsearch.gallery.detections import ModelFingerprint
from mmpsearch.gallery.milvus_rows import decode, encode
from mmpsearch.gallery.store import FileState, Header
from mmpsearch.gallery.suppression import Suppression

MAX_VALUE = 65_535


class MilvusBook:
    """Header, files, cameras, partitions and suppressions: rows of key and JSON.

    Args:
        client: Of pymilvus.
        name: Of the collection.
        write: Make the collection where it is missing.
    """

    def __init__(self, client, name: str, write: bool) -> None:
        self._client, self._name = client, name
        self.header, self.suppression = Header(), Suppression()
        self.files: dict[str, FileState] = {}
        self.cameras: set[str] = set()
        self.partitions: dict[str, str] = {}  # day -> partition that holds it
        self._orders: dict[str, int] = {}
        self._written: dict[str, str] = {}
        if client.has_collection(name):
            client.load_collection(name)
            self._load()
        elif write:
            self._create()

    def _create(self) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=128)
        schema.add_field("value", DataType.VARCHAR, max_length=MAX_VALUE)
        schema.add_field("nothing", DataType.FLOAT_VECTOR, dim=2)  # one is required
        index = self._client.prepare_index_params()
        index.add_index("nothing", index_type="FLAT", metric_type="L2")
        self._client.create_collection(
            self._name, schema=schema, index_params=index, consistency_level="Strong"
        )

    def _load(self) -> None:
        iterator = self._client.query_iterator(
            self._name, batch_size=2000, output_fields=["key", "value"]
        )
        lists = {"suppressed": [], "lifted": []}
        files = []
        while rows := iterator.next():
            for row in rows:
                value = json.loads(row["value"])
                self._written[row["key"]] = row["value"]
                kind = row["key"].partition(":")[0]
                if kind == "header":
                    print_of = value["fingerprint"]
                    self.header = Header(
                        print_of and ModelFingerprint(**print_of),
                        value["settings"],
                        value["notes"],
                    )
                elif kind == "file":
                    files.append(value)
                elif kind == "camera":
                    self.cameras.add(decode(value))
                elif kind == "partition":
                    self.partitions[value[0]] = value[1]
                elif kind in lists:
                    lists[kind].append(value)
        iterator.close()
        for order, path, size, modified in sorted(files):
            path = decode(path)
            self.files[path], self._orders[path] = FileState(size, modified), order
        self.suppression = Suppression.from_json(json.dumps(lists), self._name)

    def set_file(self, path: str, state: FileState) -> None:
        if path not in self.files:
            self._orders[path] = max(self._orders.values(), default=0) + 1
        self.files[path] = state

    def drop_file(self, path: str) -> None:
        self.files.pop(path, None)
        self._orders.pop(path, None)

    def save(self) -> None:
        """Write what changed."""
        wanted = self._rows()
        changed = [k for k, text in wanted.items() if self._written.get(k) != text]
        gone = [key for key in self._written if key not in wanted]
        for start in range(0, len(changed), 1000):
            rows = [
                {"key": key, "value": wanted[key], "nothing": [0.0, 0.0]}
                for key in changed[start : start + 1000]
            ]
            self._client.upsert(self._name, rows)
        for start in range(0, len(gone), 1000):
            self._client.delete(self._name, ids=gone[start : start + 1000])
        self._written = wanted

    def _rows(self) -> dict[str, str]:
        rows = {"header:": json.dumps(asdict(self.header))}
        for path, state in self.files.items():
            value = [self._orders[path], encode(path), state.size, state.modified]
            rows[f"file:{_digest(path)}"] = json.dumps(value)
        for camera in self.cameras:
            rows[f"camera:{_digest(camera)}"] = json.dumps(encode(camera))
        for day, name in self.partitions.items():
            rows[f"partition:{day}"] = json.dumps([day, name])
        lists = json.loads(self.suppression.to_json())
        for entry in lists["suppressed"]:
            rows[f"suppressed:{entry['key']}"] = json.dumps(entry)
        for key in lists["lifted"]:
            rows[f"lifted:{key}"] = json.dumps(key)
        return rows


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
