"""From a name to files on this machine and what is known about them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmpsearch.zoo import http
from mmpsearch.zoo.catalogue import find
from mmpsearch.zoo.conversion import converted_file
from mmpsearch.zoo.download import fetch_entry


@dataclass(frozen=True)
class ResolvedModel:
    """A model by name, ready to be loaded.

    Attributes:
        name: of the catalogue.
        task: ``"person-search"`` (boxes and embeddings in one model), ``"detector"``
            (boxes), ``"embedder"`` (embeddings of cropped people; also ``"re-id"``,
            whose config trains as well) or ``"backbone"`` (start weights).
        format: ``"mmpsearch"`` and ``"mmdet"``: ``config`` and ``checkpoint``;
            ``"onnx"``: ``checkpoint`` alone; ``"openvino"``: ``checkpoint`` is the
            ``.xml``, the ``.bin`` lies beside it; ``"torchvision"``: a state dict with
            the publisher's names.
        config: file, or ``"mmdet::…"`` of MMDetection's own; None: there is none.
        checkpoint: the main file, in this project's names where there is a converter.
        files: all downloaded files.
        settings: how pictures are prepared, for models without config. Of embedders
            and detectors: ``input_size`` (height, width), ``channel_order`` (``"bgr"``
            or ``"rgb"``), ``mean`` and ``std`` by which values in 0 to 255 are
            normalised, ``resize`` (``"stretch"``, or ``"letterbox"`` with
            ``pad_value``), and of detectors ``decode`` and ``person_class``.
        metadata: ``Licence`` of the weights, ``Training Data`` and ``Data Terms``, and
            whatever the metafile says.
        drawn_people: it was trained on rendered people and will not find real ones.
    """

    name: str
    task: str
    format: str
    config: Path | str | None
    checkpoint: Path
    files: tuple[Path, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def drawn_people(self) -> bool:
        return bool(self.metadata.get("Drawn People", False))

    @property
    def licence(self) -> str:
        return str(self.metadata.get("Licence", "not stated"))


def resolve(
    name: str,
    from_files: Sequence[str | os.PathLike] | None = None,
    progress: http.Progress | None = None,
) -> ResolvedModel:
    """Find a model in the catalogue and bring its files here.

    Downloads what is not here yet, checks digests, and converts once.

    Args:
        name: of the catalogue, or an alias.
        from_files: local files in place of the download.
        progress: called with bytes so far and in all (None: not known).

    Raises:
        ZooError: there is no such name, or its weights are not published.
        DownloadError: a file cannot be had or is another one; the message says the
            ways out.
        CheckpointError: a file is refused because loading it would run code.
    """
    entry = find(name)
    given = [Path(os.fspath(file)) for file in from_files] if from_files else None
    files = fetch_entry(entry, given, progress)
    return ResolvedModel(
        name=entry.name,
        task=entry.task,
        format=entry.format,
        config=entry.config,
        checkpoint=converted_file(entry, files[0]),
        files=files,
        settings=entry.settings,
        metadata=entry.metadata,
    )
