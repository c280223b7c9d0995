"""An exported person-search model as a model of the runner, to be evaluated."""

from __future__ import annotations

import numpy as np
import torch
from mmengine.structures import InstanceData
from torch import Tensor

from mmpsearch.apis.graphs import load_graph
from mmpsearch.apis.search_facts import SearchFacts
from mmpsearch.models.person_search.base import PersonSearchModel
from mmpsearch.models.person_search.predictions import people_to_embed, scale_of
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample
from mmpsearch.utils.number_ranges import SCORES, require_in


@MODELS.register_module()
class ExportedSearch(PersonSearchModel):
    """Runs the file on what the test pipeline and preprocessor give; for testing only.

    Args:
        file: that ``export_search`` wrote.
        backend: as of :func:`mmpsearch.apis.graphs.load_graph`.
        score_threshold: a person needs a larger score.
        embed_ground_truth: also embed ``gt_instances`` (GT mAP).
        data_preprocessor: that of the model's config.

    Raises:
        ModelLoadError: the file cannot be run, or is no exported person-search model.
    """

    def __init__(
        self,
        file: str,
        backend: str | None = None,
        score_threshold: float = 0.5,
        embed_ground_truth: bool = False,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        require_in("score_threshold", score_threshold, *SCORES)
        self.graph = load_graph(file, backend=backend)
        SearchFacts.of(self.graph)  # another network is refused
        self.score_threshold = score_threshold
        self.embed_ground_truth = embed_ground_truth
        self.reid_loss = None

    def extract(self, inputs: Tensor):
        """Not possible: the file does not give its feature maps."""
        raise NotImplementedError("an exported model gives no feature maps")

    def loss(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> dict[str, Tensor]:
        """Not possible: the file is for inference."""
        raise NotImplementedError("an exported model is for testing")

    def predict(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> list[PersonSearchSample]:
        """Detect and embed.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.
            data_samples: with ``img_shape``.

        Returns:
            The samples with ``pred_instances``, and ``embeddings`` in
            ``query_instances`` and, if asked for, in ``gt_instances``.
        """
        threshold = np.array([self.score_threshold], np.float32)
        for image, sample in zip(inputs, data_samples, strict=True):
            height, width = sample.img_shape[:2]
            given = people_to_embed(sample, self.embed_ground_truth)
            boxes = torch.cat([image.new_zeros(0, 4), *(one.bboxes for one in given)])
            found = self.graph(
                image[None, :, :height, :width].numpy(), boxes.numpy(), threshold
            )
            people, scores, embeddings, own = map(torch.from_numpy, found.values())
            sample.pred_instances = InstanceData(
                bboxes=people / scale_of(sample).to(people),
                scores=scores,
                labels=torch.zeros(len(scores), dtype=torch.int64),
                embeddings=embeddings,
            )
            counts = [len(one.bboxes) for one in given]
            for one, rows in zip(given, own.split(counts), strict=True):
                one.embeddings = rows
        return data_samples
