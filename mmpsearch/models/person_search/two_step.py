"""Two-step person search: boxes of one model, embeddings of another."""

import numpy as np
import torch
from mmengine.structures import InstanceData
from torch import Tensor

from mmpsearch.datasets.transforms.spatial_shift import CROP_SIZE, cut_crop
from mmpsearch.models.person_search.base import PersonSearchModel
from mmpsearch.models.person_search.predictions import people_to_embed, scale_of
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample


@MODELS.register_module()
class TwoStepSearch(PersonSearchModel):
    """Crop what a detector finds out of the raw image, embed it by a re-ID model.

    DKD's [D; R-x] and, without a detector, [GT; R-x]. Queries are embedded from crops
    too. For testing only; the parts are trained on their own.

    Args:
        reid: config of the :class:`~mmpsearch.models.reid.ReIDModel`.
        detector: config of any person-search model; its embeddings are not used. None
            takes the ground-truth boxes, with score 1.
        crop_size: height and width of the re-ID model's input.
        chunk_size: crops that are embedded at a time.
        embed_ground_truth: also embed ``gt_instances`` (GT mAP).
        data_preprocessor: config, that of the detector.
        init_cfg: MMEngine's.
    """

    def __init__(
        self,
        reid: dict,
        detector: dict | None = None,
        crop_size: tuple[int, int] = CROP_SIZE,
        chunk_size: int = 128,
        embed_ground_truth: bool = False,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor=data_preprocessor, init_cfg=init_cfg)
        self.reid = MODELS.build(reid)
        self.detector = MODELS.build(detector) if detector else None
        self.crop_size, self.chunk_size = tuple(crop_size), chunk_size
        self.embed_ground_truth = embed_ground_truth

    def extract(self, inputs: Tensor):
        """The detector's feature maps."""
        return self.detector.extract(inputs)

    def loss(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> dict[str, Tensor]:
        """Not possible: detector and re-ID model are trained on their own."""
        raise NotImplementedError(
            "TwoStepSearch is for testing (tools/test_two_step.py); train the detector "
            "and the re-ID model by configs of their own"
        )

    def predict(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> list[PersonSearchSample]:
        """Detect, crop and embed.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed, for the detector.
            data_samples: with ``raw_image`` ``(3, h, w)`` uint8 BGR
                (:class:`~mmpsearch.datasets.transforms.PackWithRawImage`).

        Returns:
            The samples with ``pred_instances``, and ``embeddings`` in
            ``query_instances`` and, if asked for, in ``gt_instances``.
        """
        if self.detector is not None:
            self.detector.predict(inputs, data_samples)
        for sample in data_samples:
            scale = scale_of(sample)
            if self.detector is None:
                boxes = sample.gt_instances.bboxes
                sample.pred_instances = InstanceData(
                    bboxes=boxes / scale.to(boxes),
                    scores=torch.ones_like(boxes[:, 0]),
                    labels=torch.zeros_like(boxes[:, 0], dtype=torch.int64),
                )
            people = sample.pred_instances
            people.embeddings = self.embed(sample, people.bboxes)
            for given in people_to_embed(sample, self.embed_ground_truth):
                boxes = given.bboxes / scale.to(given.bboxes)
                given.embeddings = self.embed(sample, boxes)
        return data_samples

    def embed(self, sample: PersonSearchSample, boxes: Tensor) -> Tensor:
        """Embeddings ``(N, D)`` float32 of boxes in pixels of the original image."""
        if "raw_image" not in sample:
            raise ValueError(
                "TwoStepSearch: the samples have no raw_image; the test pipeline "
                "needs mmpsearch.KeepRawImage after LoadImage, and "
                "mmpsearch.PackWithRawImage at its end"
            )
        image = sample.raw_image.permute(1, 2, 0).cpu().numpy()
        crops = np.empty((len(boxes), *self.crop_size, 3), np.uint8)
        for index, box in enumerate(boxes.detach().cpu().double().numpy()):
            crops[index] = cut_crop(image, box, self.crop_size)
        inputs = torch.from_numpy(crops).permute(0, 3, 1, 2).to(boxes.device)
        embedded = []
        for chunk in inputs.split(self.chunk_size):
            preprocessed = self.reid.data_preprocessor({"inputs": chunk})["inputs"]
            embedded.append(self.reid.extract(preprocessed).float())
        return torch.cat(embedded)
