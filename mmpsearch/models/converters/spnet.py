"""Checkpoints of the public SPNet implementation (LLNL/spnet), both ways."""

from collections.abc import Mapping

import torch
from torch import Tensor

from mmpsearch.models.converters.renaming import ConversionReport, rename_keys
from mmpsearch.models.converters.spnet_names import (
    MOMENTUM,
    find_architecture,
    name_pairs,
    unused_names,
)

LIGHTNING_PREFIX = "model."
# public key prefix of a momentum copy -> of what it follows
_FOLLOWED = {
    "moco_backbone.": "backbone.",
    "head.moco_align_emb_head.": "head.align_emb_head.",
}
_NOT_PUBLISHED = (
    ("reid_loss.queue_head", "write position, which the public code does not save"),
    ("momentum_encoder.steps", "counter of the momentum encoder"),
)


def convert_spnet(
    state: Mapping[str, Tensor], momentum: bool = False
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate a public SPNet state dict to :class:`~mmpsearch.models.SPNet`'s.

    Args:
        state: state dict, with or without Lightning's prefix ``model.``.
        momentum: take the momentum encoder's weights as those of the encoder.

    Returns:
        Our state dict and the report of every key. The public code does not save the
        write position of its queues; ours starts behind the rows that are filled.

    Raises:
        ValueError: the file is not a public SPNet, or has no momentum encoder.
    """
    state = _plain(state)
    if momentum:
        state = _with_momentum_weights(state)
    architecture = find_architecture(state, ours=False)
    pairs = name_pairs(architecture, with_test_loss=_has_test_loss(state))
    converted, report = rename_keys(state, pairs, unused_names(architecture))
    required = ("anchor_embedder.conv.weight", "sp_blocks.0.regression.output.weight")
    missing = [key for key in required if key not in converted]
    if missing:
        raise ValueError(f"not a state dict of the public SPNet: no {missing}")
    for key, value in converted.items():
        if key.endswith(".gamma"):  # (C, 1, 1) -> (C,)
            converted[key] = value.flatten()
    converted.update(_derived_buffers(converted))
    return converted, report


def publish_spnet(
    state: Mapping[str, Tensor], like: Mapping[str, Tensor] | None = None
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate to the public implementation's names: the inverse.

    Args:
        state: our state dict.
        like: a public checkpoint of the same model. What it has beyond our model
            (classifier, ages of queue entries, unused copies) is taken over. The
            public code does not need any of it to load weights.

    Returns:
        Public state dict, with Lightning's prefix, and the report of every key.

    Raises:
        ValueError: ``state`` is not of SPNet, or ``like`` of another model.
    """
    like = _plain(like) if like is not None else {}
    pairs = name_pairs(
        find_architecture(state, ours=True), with_test_loss=_has_test_loss(like)
    )
    public, report = rename_keys(state, [pair[::-1] for pair in pairs], _NOT_PUBLISHED)
    for key, value in public.items():
        if key.endswith(".layer_scale"):
            public[key] = value.view(-1, 1, 1)
    if like:
        converted, _ = convert_spnet(like)
        lacking = sorted(converted.keys() ^ state.keys())
        if lacking:
            raise ValueError(
                f"the model to complete it from is another one: {lacking[0]} is not in "
                "both"
            )
        public.update((key, like[key]) for key in like if key not in public)
    return {LIGHTNING_PREFIX + key: value for key, value in public.items()}, report


def _plain(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state dict without Lightning's prefix."""
    tensors = isinstance(state, Mapping) and all(
        isinstance(key, str) and isinstance(value, Tensor)
        for key, value in state.items()
    )
    if not tensors or not state:
        raise ValueError("not a state dict of the public SPNet: no dict of tensors")
    if all(key.startswith(LIGHTNING_PREFIX) for key in state):
        state = {key[len(LIGHTNING_PREFIX) :]: value for key, value in state.items()}
    return dict(state)


def _has_test_loss(state: Mapping[str, Tensor]) -> bool:
    return any(key.startswith("head.reid_loss.train_reid_loss.") for key in state)


def _with_momentum_weights(state: dict[str, Tensor]) -> dict[str, Tensor]:
    taken = {
        followed + key.removeprefix(copy): value
        for copy, followed in _FOLLOWED.items()
        for key, value in state.items()
        if key.startswith(copy)
    }
    if not taken:
        raise ValueError("has no momentum encoder; convert it without `momentum`")
    return {**state, **taken}


def _derived_buffers(converted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    derived = {}
    queue = converted.get("reid_loss.circular_queue", converted.get("reid_loss.queue"))
    if queue is not None:
        filled = (queue != 0).any(dim=1).sum()
        derived["reid_loss.queue_head"] = (filled % len(queue)).to(torch.int64)
    if any(key.startswith(MOMENTUM) for key in converted):
        derived["momentum_encoder.steps"] = torch.tensor(1)  # weights are its own
    return derived
