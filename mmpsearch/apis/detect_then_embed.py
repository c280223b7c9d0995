"""Any detector and embedder as a model of the runner, to be evaluated like others."""

from __future__ import annotations

import numpy as np
import torch
from mmengine.structures import InstanceData
from torch import Tensor

from mmpsearch.apis.detectors import Detector
from mmpsearch.apis.embedders import Embedder
from mmpsearch.apis.image_sources import SourceImage, read_one
from mmpsearch.apis.load_inferencer import load_detector, load_embedder
from mmpsearch.apis.two_step_inferencer import widen
from mmpsearch.datasets.transforms.spatial_shift import cut_crop
from mmpsearch.models.person_search.base import PersonSearchModel
from mmpsearch.models.person_search.predictions import people_to_embed, scale_of
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample
from mmpsearch.utils.number_ranges import SCORES, require_in


@MODELS.register_module()
class DetectThenEmbed(PersonSearchModel):
    """Detects and embeds in the files that the samples name; for testing only.

    The test pipeline's resizing does not count: both parts prepare pictures themselves.

    Args:
        embedder: As of :func:`mmpsearch.apis.load_embedder`.
        detector: As of :func:`mmpsearch.apis.load_detector`; None: the ground truth's
            boxes, with score 1.
        detector_checkpoint: Weights where the detector is a config or torchvision's.
        embedder_checkpoint: Weights where the embedder is a config.
        score_threshold: Smallest score of a person; None: 0.05, since the metric needs
            the whole list.
        embed_ground_truth: Also embed ``gt_instances`` (GT mAP).
        unsafe_load: Unpickle whatever checkpoints hold, which can run any code.
        data_preprocessor: The runner's; what it prepares is not used.
    """

    def __init__(
        self,
        embedder: str | Embedder,
        detector: str | Detector | None = None,
        detector_checkpoint: str | None = None,
        embedder_checkpoint: str | None = None,
        score_threshold: float | None = None,
        embed_ground_truth: bool = False,
        unsafe_load: bool = False,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        self.detector = self.reid_loss = None
        if detector is not None:
            self.detector = load_detector(
                detector, detector_checkpoint, unsafe_load=unsafe_load
            )
        self.embedder = load_embedder(
            embedder, embedder_checkpoint, unsafe_load=unsafe_load
        )
        require_in("score_threshold", score_threshold, *SCORES)
        self.score_threshold = 0.05 if score_threshold is None else score_threshold
        self.embed_ground_truth = embed_ground_truth

    def extract(self, inputs: Tensor):
        """Not possible: the two parts have no features in common."""
        raise NotImplementedError("DetectThenEmbed has no feature maps")

    def loss(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> dict[str, Tensor]:
        """Not possible: detector and embedder are trained on their own."""
        raise NotImplementedError("DetectThenEmbed is for testing")

    def predict(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> list[PersonSearchSample]:
        """Detect and embed.

        Args:
            inputs: Not used.
            data_samples: With ``img_path``.

        Returns:
            The samples with ``pred_instances``, and ``embeddings`` in
            ``query_instances`` and, if asked for, in ``gt_instances``.
        """
        images = [read_one(sample.img_path) for sample in data_samples]
        for image, sample in zip(images, data_samples, strict=True):
            boxes, scores = self._people(image, sample)
            sample.pred_instances = InstanceData(
                bboxes=torch.from_numpy(boxes),
                scores=torch.from_numpy(scores),
                labels=torch.zeros(len(boxes), dtype=torch.int64),
                embeddings=self._embed(image, boxes),
            )
            for given in people_to_embed(sample, self.embed_ground_truth):
                given.embeddings = self._embed(image, _original(given.bboxes, sample))
        return data_samples

    def _people(
        self, image: SourceImage, sample: PersonSearchSample
    ) -> tuple[np.ndarray, np.ndarray]:
        if self.detector is None:
            boxes = _original(sample.gt_instances.bboxes, sample)
            return boxes, np.ones(len(boxes), np.float32)
        (found,) = self.detector([image], self.score_threshold)
        return found.boxes, found.scores

    def _embed(self, image: SourceImage, boxes: np.ndarray) -> Tensor:
        """(N, D) float32 of boxes (N, 4) in pixels of the picture."""
        wide = widen(boxes, self.embedder.context)
        crops = [cut_crop(image.pixels, box) for box in wide]
        if not crops:
            grey = np.full((64, 32, 3), 128, np.uint8)  # for the length alone
            return torch.from_numpy(self.embedder([grey])[:0])
        return torch.from_numpy(self.embedder(crops))


def _original(boxes: Tensor, sample: PersonSearchSample) -> np.ndarray:
    """Boxes (N, 4) of the network input in pixels of the original image."""
    return (boxes / scale_of(sample).to(boxes)).cpu().numpy()
