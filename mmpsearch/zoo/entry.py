"""One model of the catalogue, as its metafile describes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from mmpsearch.zoo.errors import ZooError

TASKS = ("person-search", "detector", "embedder", "re-id", "backbone")
FORMATS = ("mmpsearch", "mmdet", "onnx", "openvino", "torchvision")
_DIGEST = re.compile(r"(sha256|sha384|sha512|md5):([0-9a-f]{8,128})")
# torch.hub's convention: the name ends in the first digits of the SHA-256
_HASHED_NAME = re.compile(r"-([0-9a-f]{8,64})\.\w+$")


@dataclass(frozen=True)
class WeightFile:
    """A file that a publisher offers.

    Attributes:
        url: its address; ``""`` where none could be confirmed.
        name: path below the folder of downloads.
        size: in bytes; None where the publisher does not say.
        digest: ``"sha256:…"`` and the like, which may be the first digits only; ``""``
            where the publisher gives none.
        path: where it lies in the repository and the installed package, for small files
            that come with them; None: it is downloaded.
    """

    url: str
    name: str
    size: int | None = None
    digest: str = ""
    path: Path | None = None


@dataclass(frozen=True)
class Entry:
    """A model of the catalogue.

    Attributes:
        name: by which it is asked for.
        task: one of `TASKS`.
        files: what is downloaded, the main one first; empty: no weights are published.
        format: one of `FORMATS`: how the files are read.
        config: file, or ``"mmdet::…"``; None: the format needs none.
        converter: name of a module of ``mmpsearch.models.converters``; ``""``: none.
        converter_options: further arguments of its function.
        aliases: other names.
        settings: how pictures are prepared and outputs are read, for models that come
            without a config.
        metadata: licence, training data and so on, as in the metafile.
        results: published and own numbers, as in the metafile.
        metafile: where it is described.
    """

    name: str
    task: str
    files: tuple[WeightFile, ...] = ()
    format: str = "mmpsearch"
    config: Path | str | None = None
    converter: str = ""
    converter_options: Mapping[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    results: tuple[Mapping[str, Any], ...] = ()
    metafile: Path = Path()

    @property
    def size(self) -> int | None:
        """Bytes of all files; None where one's is not known."""
        sizes = [file.size for file in self.files]
        return sum(sizes) if sizes and None not in sizes else None


def read_entry(
    model: Mapping[str, Any], collection: Mapping[str, Any], metafile: Path, root: Path
) -> Entry:
    """Read a model of a metafile.

    Args:
        model: an item of ``Models``.
        collection: the item of ``Collections`` it belongs to, or ``{}``; it says what
            its models have in common.
        metafile: the file, for messages.
        root: folder that ``Config`` is relative to.

    Raises:
        ZooError: naming metafile, model and field.
    """
    name = str(model.get("Name", ""))

    def wrong(reason: str) -> ZooError:
        return ZooError(f"{metafile}: model {name!r}: {reason}")

    def value(key: str, default: Any = None) -> Any:
        return model.get(key, collection.get(key, default))

    task, kind = value("Task", ""), value("Format", "mmpsearch")
    if task not in TASKS:
        raise wrong(f"Task is {task!r}, not one of {', '.join(TASKS)}")
    if kind not in FORMATS:
        raise wrong(f"Format is {kind!r}, not one of {', '.join(FORMATS)}")
    listed = model.get("Files") or ([model] if model.get("Weights") else [])
    files = []
    for item in listed:
        url = item.get("URL") or item.get("Weights") or ""
        digest = str(item.get("Digest") or "")
        if digest and not _DIGEST.fullmatch(digest):
            raise wrong(f"Digest {digest!r} is not like sha256:0123456789abcdef…")
        if item.get("Path"):
            path = root / item["Path"]
            files.append(WeightFile("", path.name, item.get("Size"), digest, path))
            continue
        if not url and not item.get("File"):
            raise wrong("a file needs its URL, or File where that is not known")
        file = item.get("File") or url_name(url)
        files.append(WeightFile(url, _place(file, name), item.get("Size"), digest))
    converter = value("Converter") or {}
    if isinstance(converter, str):
        converter = {"Name": converter}
    options = {
        key.lower().replace(" ", "_"): tuple(v) if isinstance(v, list) else v
        for key, v in converter.items()
        if key != "Name"
    }
    metadata = {**(collection.get("Metadata") or {}), **(model.get("Metadata") or {})}
    return Entry(
        name=name,
        task=task,
        files=tuple(files),
        format=kind,
        config=_config(model.get("Config"), root),
        converter=str(converter.get("Name", "")),
        converter_options=options,
        aliases=tuple(model.get("Alias") or ()),
        settings={**collection.get("Settings", {}), **model.get("Settings", {})},
        metadata=metadata,
        results=tuple(model.get("Results") or ()),
        metafile=metafile,
    )


def url_name(url: str) -> str:
    """File name at the end of an address; Google Drive's have none."""
    path = unquote(urlparse(url).path)
    last = path.rstrip("/").rpartition("/")[2]
    return last if "." in last else "weights.pth"


def url_digest(url: str) -> str:
    """The digest in an address that follows torch.hub's convention; ``""``: none."""
    found = _HASHED_NAME.search(url)
    return f"sha256:{found[1]}" if found else ""


def _place(file: str, name: str) -> str:
    """A name that carries its digest can stand alone; others get a folder."""
    return file if _HASHED_NAME.search(file) else f"{name}/{file}"


def _config(config: str | None, root: Path) -> Path | str | None:
    if not config or "::" in config:
        return config or None
    return root / config
