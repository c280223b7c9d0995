"""Find and embed people with an exported person-search model."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from mmpsearch.apis.graphs import load_graph
from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.apis.inferencer import require_batch_size
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.scene_preparation import ScenePreparation
from mmpsearch.apis.search_facts import SearchFacts
from mmpsearch.utils.number_ranges import SCORES, require_in


class ExportedSearchInferencer(SceneInferencer):
    """The file that :func:`mmpsearch.apis.export.export_search` wrote.

    Args:
        path: ``.onnx`` or ``.xml``.
        backend: ``onnx`` or ``openvino``, of ``.onnx`` files; None: ONNX Runtime.
        device: where ONNX Runtime runs; None: the CPU.
        batch_size: pictures that are taken together; the network sees one at a time.
        score_threshold: smallest score of a person, 0..1.

    Attributes:
        fingerprint: of the weights; in ``fp32`` the model's own.
        facts: what the file says about itself.

    Raises:
        ModelLoadError: the file cannot be run, or is no exported person-search model.

    Example:
        >>> inferencer = ExportedSearchInferencer("spnet.xml")
        >>> for found in inferencer.detect(["street.jpg", "clip.mp4"]):
        ...     print(found.path, found.time, found.boxes, found.scores)
    """

    def __init__(
        self,
        path: str | os.PathLike,
        backend: str | None = None,
        device: torch.device | None = None,
        batch_size: int = 1,
        score_threshold: float = 0.5,
    ) -> None:
        require_in("score_threshold", score_threshold, *SCORES)
        self.batch_size = require_batch_size(batch_size)
        self.score_threshold = score_threshold
        self.graph = load_graph(Path(path), device, backend)
        self.facts = SearchFacts.of(self.graph)
        self.fingerprint = self.facts.fingerprint()
        self.drawn_people = self.facts.drawn_people
        self._prepare = ScenePreparation(self.facts)

    def _find(self, batch: Sequence[SourceImage]) -> list[tuple[np.ndarray, ...]]:
        return [self._search(image) for image in batch]

    def _search(self, image: SourceImage) -> tuple[np.ndarray, ...]:
        values, nobody, scale = self._prepare(image)
        boxes, scores, embeddings, _ = self._run(values, nobody, self.score_threshold)
        return boxes / scale, scores, embeddings

    def _embed(self, image: SourceImage, boxes: np.ndarray) -> np.ndarray:
        values, queries, _ = self._prepare(image, boxes)
        return self._run(values, queries, 1.0)[3]  # nobody else

    def _run(
        self, values: np.ndarray, queries: np.ndarray, score_threshold: float
    ) -> list[np.ndarray]:
        threshold = np.array([score_threshold], np.float32)
        return list(self.graph(values, queries, threshold).values())
