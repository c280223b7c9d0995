"""Embeddings of a config's test set, by the model and pipeline of the config."""

from collections.abc import Sequence

import numpy as np
import torch
from mmengine.config import Config
from mmengine.model import BaseModel
from mmengine.registry import init_default_scope
from torch.nn import functional as F

from mmpsearch.apis.model_loading import build_model, choose_device, put_on
from mmpsearch.registry import DATASETS, MODELS
from mmpsearch.utils.checkpoint import use_safe_checkpoints, uses_safe_checkpoints


def build_test_set(config: Config):
    """The data set of ``config.test_dataloader``."""
    init_default_scope(config.get("default_scope", "mmpsearch"))
    return DATASETS.build(config.test_dataloader.dataset)


def build_embedder(
    config: Config, checkpoint: str | None = None, device: str | None = None
) -> BaseModel:
    """A re-identification model in evaluation mode.

    Args:
        config: Its ``model`` is built.
        checkpoint: Weights. None: those of the backbone's ``init_cfg``, to look at
            what a pre-training knows before it is fine-tuned.
        device: As of :func:`choose_device`.
    """
    if not uses_safe_checkpoints():
        use_safe_checkpoints()  # of ``init_cfg``
    init_default_scope(config.get("default_scope", "mmpsearch"))
    if checkpoint is not None:
        model = build_model(config, checkpoint, 0.0)
    else:
        model = MODELS.build(config.model)
        model.init_weights()
    return put_on(choose_device(device), model)


@torch.inference_mode()
def embed_items(
    model: BaseModel, dataset, items: Sequence[int], batch_size: int = 64
) -> np.ndarray:
    """Embed some items of a re-identification data set.

    Cameras and modalities go with the pictures, for models that need them.

    Args:
        model: As of :func:`build_embedder`.
        dataset: As of :func:`build_test_set`.
        items: Positions in it.
        batch_size: Pictures per forward pass.

    Returns:
        (N, D) float32, L2-normalised, in the order of ``items``.
    """
    rows = []
    for start in range(0, len(items), batch_size):
        packed = [dataset[int(item)] for item in items[start : start + batch_size]]
        batch = {key: [one[key] for one in packed] for key in packed[0]}
        samples = model.test_step(batch)
        vectors = torch.stack([sample.embedding for sample in samples]).float()
        rows.append(F.normalize(vectors, dim=1).cpu().numpy())
    return np.concatenate(rows) if rows else np.empty((0, 0), np.float32)
