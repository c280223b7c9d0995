"""Find and embed people with one end-to-end person-search model."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from mmengine.config import Config
from mmengine.structures import InstanceData
from torch import Tensor

from mmpsearch.apis.config_kinds import require_detector
from mmpsearch.apis.image_sources import Source, SourceImage
from mmpsearch.apis.inferencer import ModelInferencer
from mmpsearch.apis.packed_scene import pack_scene
from mmpsearch.apis.scene_inferencer import SceneCounts, SceneInferencer
from mmpsearch.gallery.detections import normalise
from mmpsearch.gallery.scene_search import SceneFilter, passing_scenes
from mmpsearch.models.person_search.gfn.model import GFN


class PersonSearchInferencer(ModelInferencer, SceneInferencer):
    """A person-search model with the way to it from any picture.

    Args:
        config: Config file, dict or ``Config``; its ``model`` and test pipeline are
            used. A name of the catalogue brings its checkpoint along.
        checkpoint: Weights, loaded without unpickling code. None: random weights,
            with a warning.
        device: ``cpu``, ``cuda``, ``cuda:1``, …; None: the GPU when there is one.
        batch_size: Pictures per forward pass.
        half: Run in half precision (float16 on a GPU, bfloat16 on the CPU).
        score_threshold: Smallest detector score of a person, 0..1.
        unsafe_load: Unpickle whatever the checkpoint holds, which can run any code.
        scenes: Give the embedding of the whole picture too, where the model makes one;
            a gallery without can be searched, but not by the scene filter.

    Attributes:
        fingerprint: Names and digest of the weights.

    Raises:
        ModelLoadError: Config and checkpoint do not give a working model.
        InputError: The device cannot be used.

    Example:
        >>> inferencer = PersonSearchInferencer("configs/…/x.py", "epoch_30.pth")
        >>> for found in inferencer.detect(["street.jpg", "clip.mp4"]):
        ...     print(found.path, found.time, found.boxes, found.scores)
    """

    def __init__(
        self,
        config: str | os.PathLike | dict | Config,
        checkpoint: str | os.PathLike | None = None,
        device: str | torch.device | None = None,
        batch_size: int = 1,
        half: bool = False,
        score_threshold: float = 0.5,
        unsafe_load: bool = False,
        scenes: bool = True,
    ) -> None:
        super().__init__(
            config,
            checkpoint,
            device=device,
            batch_size=batch_size,
            half=half,
            score_threshold=score_threshold,
            unsafe_load=unsafe_load,
            check=require_detector,
        )
        self.score_threshold, self.scenes = score_threshold, scenes

    def _find(self, batch: Sequence[SourceImage]) -> list[tuple[np.ndarray, ...]]:
        nobody = np.empty((0, 4), np.float32)
        packed = [pack_scene(self._pipeline, image, nobody) for image in batch]
        found = []
        for sample in self._predict(packed):
            boxes, scores, embeddings = (
                _array(sample.pred_instances[field])
                for field in ("bboxes", "scores", "embeddings")
            )
            scene = sample.get("scene_embedding") if self.scenes else None
            keep = scores >= self.score_threshold
            people = (boxes[keep], scores[keep], embeddings[keep])
            found.append((*people, None if scene is None else _array(scene)))
        return found

    def _embed(self, image: SourceImage, boxes: np.ndarray) -> np.ndarray:
        return _array(self._ask(image, boxes).embeddings)

    def embed_with_scenes(
        self, image: Source | SourceImage, boxes: Sequence[Sequence[float]] | np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Embed people, and what they, in this scene, ask of other scenes.

        See `SceneInferencer.embed_with_scenes`.
        """
        image, boxes = self._given(image, boxes)
        people = self._ask(image, boxes)
        if "scene_queries" not in people:
            return super().embed_with_scenes(image, boxes)
        return normalise(_array(people.embeddings)), _array(people.scene_queries)

    @contextmanager
    def only_scenes(
        self, scenes: SceneFilter, mean: bool = True
    ) -> Iterator[SceneCounts]:
        """Within it, look for people in scenes alone that can hold the person.

        The others cost the backbone and the scene's embedding. See
        `SceneInferencer.only_scenes`.
        """
        if not isinstance(self.model, GFN):
            raise self._no_filter()
        counts = SceneCounts()

        def gate(embeddings: Tensor) -> Tensor:
            passing = passing_scenes(scenes, _array(embeddings), mean)
            counts.looked_into += int(passing.sum())
            counts.left_out += int((~passing).sum())
            return torch.from_numpy(passing)

        self.model.scene_gate = gate
        try:
            yield counts
        finally:
            self.model.scene_gate = None

    def _ask(self, image: SourceImage, boxes: np.ndarray) -> InstanceData:
        """The model's ``query_instances`` of boxes (M, 4) in the picture."""
        (sample,) = self._predict([pack_scene(self._pipeline, image, boxes)])
        return sample.query_instances


def _array(values: Tensor) -> np.ndarray:
    """float32 on the CPU: NumPy has no bfloat16."""
    return values.float().cpu().numpy()
