"""A model's output for one test image, read from its data sample."""

from typing import Any

import numpy as np
import torch

from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs
from mmpsearch.structures import SearchProtocol


def image_output(sample: dict, protocol: SearchProtocol) -> SearchOutputs:
    """Read a data sample (as a dictionary) into the arrays of one image.

    Raises:
        KeyError: when something the metric needs is missing, naming it.
        ValueError: when the sample is not the protocol's image.
    """
    image, name = image_position(sample, protocol)
    found = need(sample, "pred_instances", name)
    queries = sample.get("query_instances") or {}
    query_ids = as_array(queries.get("query_ids", ()), np.int64)
    if len(query_ids) and "embeddings" not in queries:
        raise KeyError(
            f"image {name!r}: query_instances has no 'embeddings'; `predict` must "
            f"embed the query boxes"
        )
    embeddings = as_array(need(found, "embeddings", name), np.float32)
    truth = (sample.get("gt_instances") or {}).get("embeddings")
    return SearchOutputs.of_image(
        image=image,
        boxes=as_array(need(found, "bboxes", name), np.float32).reshape(-1, 4),
        scores=as_array(need(found, "scores", name), np.float32),
        embeddings=embeddings.reshape(len(embeddings), -1)
        if len(embeddings)
        else np.zeros((0, embeddings.shape[-1]), np.float32),
        query_ids=query_ids,
        query_embeddings=as_array(queries["embeddings"], np.float32)
        if len(query_ids)
        else np.zeros((0, 0), np.float32),
        gt_embeddings=None if truth is None else as_array(truth, np.float32),
        scene=_optional(sample, "scene_embedding"),
        scene_queries=_optional(queries, "scene_queries"),
    )


def _optional(values: dict, key: str) -> np.ndarray | None:
    return as_array(values[key], np.float32) if key in values else None


def image_position(sample: dict, protocol: SearchProtocol) -> tuple[int, object]:
    """Position of the sample's image in the protocol, and its name for messages.

    Raises:
        ValueError: when the sample is not the protocol's image.
    """
    image = int(sample["img_id"])
    name = sample.get("img_key", image)
    if not 0 <= image < protocol.num_images:
        raise ValueError(
            f"image {name!r} has img_id {image}, but protocol {protocol.name!r} has "
            f"{protocol.num_images} images"
        )
    if "img_key" in sample and str(name) != protocol.image_keys[image]:
        raise ValueError(
            f"img_id {image} is {name!r}, but {protocol.image_keys[image]!r} in "
            f"protocol {protocol.name!r}: dataset and protocol differ"
        )
    return image, name


def need(instances: dict, key: str, name: object) -> Any:
    """``instances[key]``, or a KeyError that names the image and what there is."""
    if key not in instances:
        raise KeyError(
            f"image {name!r}: no {key!r} in what the model predicted "
            f"(there is {sorted(instances)})"
        )
    return instances[key]


def as_array(values: Any, dtype: type) -> np.ndarray:
    """A tensor or sequence as an array of this type."""
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        values = (
            values.float().numpy() if values.is_floating_point() else values.numpy()
        )
    return np.asarray(values, dtype=dtype)
