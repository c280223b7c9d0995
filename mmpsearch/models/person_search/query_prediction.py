"""The two steps of a query-centric test: embed the queries, then search for them."""

from typing import TYPE_CHECKING

import torch
from mmengine.structures import InstanceData
from torch.nn.functional import cosine_similarity

from mmpsearch.structures import PersonSearchSample

from ..structures import Features
from .predictions import scale_of
from .query_search import search_queries

if TYPE_CHECKING:
    from .spnet import SPNet


def embed_queries(
    model: "SPNet", features: Features, data_samples: list[PersonSearchSample]
) -> list[PersonSearchSample]:
    """Embed query boxes for detection and for re-identification.

    Args:
        model: in eval mode.
        features: of the batch.
        data_samples: with ``query_instances.bboxes``, in pixels of the network input.

    Returns:
        The samples; their ``query_instances`` have ``detection_embeddings`` ``(M, D)``
        and ``embeddings`` ``(M, R)``, float32.
    """
    for index, sample in enumerate(data_samples):
        queries = sample.query_instances
        boxes = queries.bboxes.to(features.pyramid[0].device)
        image_index = torch.full_like(boxes[:, 0], index).long()
        embeddings = model.box_embedder(features, boxes, image_index)
        for_detection = embeddings
        if model.detection_embedders:
            for_detection = model.detection_embeddings(features, boxes, image_index, 1)
        queries.embeddings = embeddings.float()
        queries.detection_embeddings = for_detection.float()
    return data_samples


def predict_for_queries(
    model: "SPNet", features: Features, data_samples: list[PersonSearchSample]
) -> list[PersonSearchSample]:
    """Search every image for the queries that its sample names.

    Args:
        model: in eval mode.
        features: of the batch.
        data_samples: with ``sought_queries``.

    Returns:
        The samples with ``pred_instances``; ``sought_queries`` are taken away, since
        with them kept results would grow by all queries per image.
    """
    for index, sample in enumerate(data_samples):
        queries = sample.sought_queries.to(features.pyramid[0].device)
        del sample.sought_queries
        found = search_queries(
            model,
            _of_image(features, index),
            tuple(sample.img_shape[:2]),
            queries.detection_embeddings,
        )
        own = queries.embeddings[found.query_index]
        sample.pred_instances = InstanceData(
            bboxes=found.boxes / scale_of(sample).to(found.boxes),
            scores=found.scores,
            labels=torch.zeros_like(found.query_index),
            query_ids=queries.query_ids[found.query_index],
            similarities=cosine_similarity(found.embeddings.float(), own),
        )
    return data_samples


def _of_image(features: Features, index: int) -> Features:
    return Features(
        tuple(stage[index : index + 1] for stage in features.stages),
        tuple(level[index : index + 1] for level in features.pyramid),
        features.batch_shape,
    )
