"""What a model gave for the images of a test set, in compact arrays."""

from dataclasses import dataclass, field

import numpy as np

from mmpsearch.evaluation.functional import Detections
from mmpsearch.evaluation.functional.ragged import expand_ranges, offsets_from_counts
from mmpsearch.evaluation.functional.scene_filter import scene_scores
from mmpsearch.evaluation.metrics.flat_outputs import FlatOutputs
from mmpsearch.structures import SearchProtocol

NOT_EMBEDDED = -1
_NO_EMBEDDING = np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class SearchOutputs(FlatOutputs):
    """Outputs for R images, flat; R is 1 as they come from the model.

    Attributes:
        images: (R,) int64 position in the protocol.
        counts: (R,) int64 number of detections.
        boxes: (N, 4) float32 xyxy in original pixels.
        scores: (N,) float32.
        embeddings: (N, D) float32.
        query_counts: (R,) int64 number of queries.
        query_ids: (M,) int64.
        query_embeddings: (M, D) float32.
        gt_counts: (R,) int64 number of ground-truth embeddings, -1 where the model
            was not asked for them.
        gt_embeddings: (T, D) float32.
        scenes: (R, S) float32 scene embeddings; S is 0 where the model has none.
        scene_queries: (M, P) float32 the queries' questions to scenes, likewise.
    """

    images: np.ndarray
    counts: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray
    embeddings: np.ndarray
    query_counts: np.ndarray
    query_ids: np.ndarray
    query_embeddings: np.ndarray
    gt_counts: np.ndarray
    gt_embeddings: np.ndarray
    scenes: np.ndarray = field(default_factory=lambda: _NO_EMBEDDING)
    scene_queries: np.ndarray = field(default_factory=lambda: _NO_EMBEDDING)

    @classmethod
    def of_image(
        cls,
        image: int,
        boxes: np.ndarray,
        scores: np.ndarray,
        embeddings: np.ndarray,
        query_ids: np.ndarray,
        query_embeddings: np.ndarray,
        gt_embeddings: np.ndarray | None = None,
        scene: np.ndarray | None = None,
        scene_queries: np.ndarray | None = None,
    ) -> "SearchOutputs":
        """What was found in one image.

        Args:
            image: Position in the protocol.
            boxes: (K, 4) xyxy detections in original pixels.
            scores: (K,).
            embeddings: (K, D).
            query_ids: (M,) queries that live in the image.
            query_embeddings: (M, D).
            gt_embeddings: (N, D) of the ground-truth boxes; None: not asked for.
            scene: (S,) embedding of the scene; None: the model has none.
            scene_queries: (M, P) the queries' questions to scenes, likewise.
        """
        embedded = gt_embeddings is not None
        return cls(
            images=_integers([image]),
            counts=_integers([len(scores)]),
            boxes=boxes,
            scores=scores,
            embeddings=embeddings,
            query_counts=_integers([len(query_ids)]),
            query_ids=_integers(query_ids),
            query_embeddings=query_embeddings,
            gt_counts=_integers([len(gt_embeddings) if embedded else NOT_EMBEDDED]),
            gt_embeddings=gt_embeddings if embedded else _NO_EMBEDDING,
            scenes=np.zeros((1, 0), np.float32) if scene is None else scene[None],
            scene_queries=np.zeros((len(query_ids), 0), np.float32)
            if scene_queries is None
            else scene_queries,
        )

    @classmethod
    def nothing(cls) -> "SearchOutputs":
        """The outputs of no image."""
        none = _integers([])
        return cls(
            images=none,
            counts=none,
            boxes=np.zeros((0, 4), np.float32),
            scores=np.zeros(0, np.float32),
            embeddings=_NO_EMBEDDING,
            query_counts=none,
            query_ids=none,
            query_embeddings=_NO_EMBEDDING,
            gt_counts=none,
            gt_embeddings=_NO_EMBEDDING,
        )

    def in_order(self) -> "SearchOutputs":
        """One output per image (the first), by ascending image position.

        Samplers of several ranks repeat images to give every rank as many; the
        repetitions are dropped here.
        """
        images, rows = np.unique(self.images, return_index=True)
        detections = _rows_of(self.counts, rows)
        queries = _rows_of(self.query_counts, rows)
        truths = _rows_of(np.maximum(self.gt_counts, 0), rows)
        return SearchOutputs(
            images=images,
            counts=self.counts[rows],
            boxes=self.boxes[detections],
            scores=self.scores[detections],
            embeddings=self.embeddings[detections],
            query_counts=self.query_counts[rows],
            query_ids=self.query_ids[queries],
            query_embeddings=self.query_embeddings[queries],
            gt_counts=self.gt_counts[rows],
            gt_embeddings=self.gt_embeddings[truths],
            scenes=self.scenes[rows] if len(self.scenes) else self.scenes,
            scene_queries=self.scene_queries[queries]
            if len(self.scene_queries)
            else self.scene_queries,
        )

    def detections(self, protocol: SearchProtocol) -> Detections:
        """The detections, checked to cover every image of the protocol."""
        require_every_image(self.images, protocol)
        return Detections(
            self.boxes, self.scores, offsets_from_counts(self.counts), self.embeddings
        )

    def queries(self, protocol: SearchProtocol) -> np.ndarray:
        """(Q, D) query embeddings in the protocol's order, checked to be complete."""
        missing = np.setdiff1d(np.arange(protocol.num_queries), self.query_ids)
        if len(missing):
            image = protocol.image_keys[protocol.query_images[missing[0]]]
            raise ValueError(
                f"protocol {protocol.name!r}: no embedding for {len(missing)} of "
                f"{protocol.num_queries} queries, the first is query {missing[0]} in "
                f"{image!r}; `predict` must fill query_instances.embeddings, and the "
                f"test pipeline must keep query_bboxes and query_ids"
            )
        unknown = self.query_ids >= protocol.num_queries
        if unknown.any():
            raise ValueError(
                f"protocol {protocol.name!r} has {protocol.num_queries} queries, but "
                f"an image carries query {self.query_ids[unknown][0]}: the samples "
                f"come from another protocol"
            )
        ordered = np.empty((protocol.num_queries, self.embeddings.shape[1]), np.float32)
        ordered[self.query_ids] = self.query_embeddings
        return ordered

    def scene_scores(self, protocol: SearchProtocol) -> np.ndarray:
        """(Q, images) scene scores, checked to be there."""
        require_every_image(self.images, protocol)
        if 0 in (*self.scenes.shape, *self.scene_queries.shape):
            raise ValueError(
                "scene_filter needs a model with a gallery filter network, whose "
                "`predict` gives scene_embedding and query_instances.scene_queries; "
                "test a config of configs/gfn, or set scene_filter=False"
            )
        ordered = np.empty_like(self.scene_queries)
        ordered[self.query_ids] = self.scene_queries
        return scene_scores(ordered, self.scenes)

    def ground_truth(self, protocol: SearchProtocol) -> Detections | None:
        """Ground-truth boxes with the model's embeddings, None if not embedded."""
        expected = np.diff(protocol.gt_offsets)
        if (self.gt_counts[expected > 0] == NOT_EMBEDDED).all():
            return None
        wrong = np.flatnonzero(np.maximum(self.gt_counts, 0) != expected)
        if len(wrong):
            image = wrong[0]
            raise ValueError(
                f"protocol {protocol.name!r}: {max(0, self.gt_counts[image])} "
                f"ground-truth embeddings for {protocol.image_keys[image]!r}, which "
                f"has {expected[image]} boxes; test transforms must not drop boxes"
            )
        return Detections.from_ground_truth(protocol, self.gt_embeddings)


def require_every_image(images: np.ndarray, protocol: SearchProtocol) -> None:
    """Raise a ValueError that names the first image of which there is no output."""
    missing = np.setdiff1d(np.arange(protocol.num_images), images)
    if len(missing):
        raise ValueError(
            f"protocol {protocol.name!r}: no result for {len(missing)} of "
            f"{protocol.num_images} images, the first is "
            f"{protocol.image_keys[missing[0]]!r}; run the model on the whole test "
            f"set (check the dataset's indices and the sampler)"
        )


def _integers(values) -> np.ndarray:
    return np.array([int(value) for value in values], dtype=np.int64)


def _rows_of(counts: np.ndarray, images: np.ndarray) -> np.ndarray:
    starts = offsets_from_counts(counts)[images]
    return expand_ranges(starts, counts[images])[0]
