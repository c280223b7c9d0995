"""The two steps of a query-centric test: embed the queries, then search for them."""

import torch
from mmengine.structures import InstanceData
from torch.nn.functional import cosine_similarity

from mmpsearch.models.person_search.predictions import scale_of
from mmpsearch.models.person_search.spnet.network import SPNetwork
from mmpsearch.models.person_search.spnet.query_centric_search import search_queries
from mmpsearch.models.person_search.spnet.structures import Features
from mmpsearch.structures import PersonSearchSample


def embed_queries(
    network: SPNetwork, features: Features, data_samples: list[PersonSearchSample]
) -> list[PersonSearchSample]:
    """Embed query boxes for detection and for re-identification.

    Args:
        network: in eval mode.
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
        embeddings = network.box_embedder(features, boxes, image_index)
        for_detection = embeddings
        if network.detection_embedders:
            for_detection = network.detection_embeddings(
                features, boxes, image_index, 1
            )
        queries.embeddings = embeddings.float()
        queries.detection_embeddings = for_detection.float()
    return data_samples


def predict_for_queries(
    network: SPNetwork, features: Features, data_samples: list[PersonSearchSample]
) -> list[PersonSearchSample]:
    """Search every image for the queries that its sample names.

    Args:
        network: in eval mode.
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
            network,
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
