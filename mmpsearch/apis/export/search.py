"""A person-search model as a file (ONNX, OpenVINO) that is searched with alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from torch import nn

from mmpsearch.apis.export.finishing import check_target, finish
from mmpsearch.apis.export.search_graph import INPUTS, OUTPUTS, SearchGraph
from mmpsearch.apis.export.spnet import SPNetGraph
from mmpsearch.apis.export.static_pooling import slice_pooling
from mmpsearch.apis.export.two_stage import SequentialGraph
from mmpsearch.apis.export.writing import write_onnx
from mmpsearch.apis.model_loading import (
    build_model,
    fingerprint,
    read_config,
    testing_transforms,
)
from mmpsearch.apis.named_models import from_catalogue
from mmpsearch.apis.scene_preparation import ScenePreparation
from mmpsearch.apis.search_facts import KEY, SearchFacts
from mmpsearch.errors import ModelLoadError
from mmpsearch.models.person_search.spnet.model import SPNet
from mmpsearch.models.person_search.two_stage.model import TwoStageSearch
from mmpsearch.models.person_search.two_stage.sequential_head import SequentialHead
from mmpsearch.utils.checkpoint import load_checkpoint, says_drawn_people

SUPPORTED = "SPNet's object-centric search, SeqNet and SeqNeXt are exported"
FREE = {
    "image": {2: "height", 3: "width"},
    "queries": {0: "num_queries"},
    "boxes": {0: "num_people"},
    "scores": {0: "num_people"},
    "embeddings": {0: "num_people"},
    "query_embeddings": {0: "num_queries"},
}


def export_search(
    config: str | os.PathLike | dict | Config,
    checkpoint: str | os.PathLike | None,
    path: str | os.PathLike,
    precision: str = "fp32",
    calibration: Sequence[np.ndarray] = (),
    unsafe_load: bool = False,
) -> SearchGraph:
    """Write a person-search model, with what is needed to use the file alone.

    Resizing and normalisation stay outside; :class:`ExportedSearchInferencer` does them
    as the model's own inferencer. Inputs, outputs and their frames are those of
    :class:`SearchGraph`.

    Args:
        config: as for :class:`PersonSearchInferencer`; a name of the catalogue too.
        checkpoint: as there.
        path: file to write, ``.onnx`` or ``.xml`` (its weights are ``.bin``).
        precision: ``fp32``; ``fp16``: weights are kept in half precision, arithmetic
            is float32; ``int8``: quantised by NNCF, of ``.xml`` only.
        calibration: for ``int8``: pictures (h, w, 3) uint8 BGR.
        unsafe_load: as there.

    Returns:
        The graph as a PyTorch module, for comparison.

    Raises:
        ModelLoadError: config and checkpoint do not give a model, it is of a kind that
            is not exported, or an extra is missing (the message names it).
    """
    path = Path(path)
    check_target(path, precision, calibration)
    config, checkpoint = from_catalogue(config, checkpoint)
    config, name = read_config(config)
    short, long = _resizing(config, name)
    model = build_model(config, checkpoint, 0.5, unsafe_load)
    graph = graph_of(model, name).eval()
    preprocessor = model.data_preprocessor
    facts = SearchFacts(
        model=type(model).__name__,
        config=name,
        checkpoint=Path(checkpoint).name if checkpoint else "",
        sha256=fingerprint(model, name, checkpoint).sha256,
        precision=precision,
        short=short,
        long=long,
        mean=_numbers(preprocessor, "mean", 0.0),
        std=_numbers(preprocessor, "std", 1.0),
        rgb=bool(preprocessor._channel_conversion),
        embed_dims=graph.embed_dims,
        drawn_people=checkpoint is not None
        and says_drawn_people(load_checkpoint(checkpoint, unsafe=unsafe_load)),
    )
    slice_pooling(graph)
    _write(graph, facts, path, calibration)
    return graph


def graph_of(model: nn.Module, name: str = "") -> SearchGraph:
    """The model's search of one picture, to be traced.

    Args:
        model: in eval mode.
        name: of its config, for messages.

    Raises:
        ModelLoadError: it is of a kind that is not exported.
    """
    where, kind = name or "the config", type(model).__name__
    divisor = getattr(getattr(model, "data_preprocessor", None), "pad_size_divisor", 1)
    if any("Swin" in type(module).__name__ for module in model.modules()):
        raise ModelLoadError(
            f"{where}: a Swin is not exported: its windows are laid out in Python for "
            "one size of picture; take a ResNet or ConvNeXt backbone"
        )
    if isinstance(model, SPNet):
        if model.query_centric:
            raise ModelLoadError(
                f"{where}: this {kind} is query-centric, which compares every picture "
                f"with every query and cannot be exported; {SUPPORTED}"
            )
        return SPNetGraph(model, divisor)
    head = getattr(model, "search_head", None)
    if type(model) is TwoStageSearch and isinstance(head, SequentialHead):
        nms = model.rpn_head.test_cfg.nms
        if (
            nms.get("type", "nms") != "nms"
            or len(model.rpn_head.prior_generator.strides) > 1
        ):
            raise ModelLoadError(
                f"{where}: proposals of several levels, or another suppression than "
                "`nms`, are not exported; change model.rpn_head"
            )
        return SequentialGraph(model, divisor)
    kind += f" with {type(head).__name__}" if head is not None else ""
    raise ModelLoadError(f"{where}: a {kind} is not exported; {SUPPORTED}")


def _write(
    graph: SearchGraph,
    facts: SearchFacts,
    path: Path,
    calibration: Sequence[np.ndarray],
) -> None:
    example = (
        torch.randn(1, 3, 3 * graph.divisor - 5, 4 * graph.divisor - 3),
        torch.tensor([[2.0, 3.0, 30.0, 60.0], [9.0, 5.0, 40.0, 50.0]]),
        torch.tensor([0.05]),
    )
    with tempfile.TemporaryDirectory() as folder:
        traced = Path(folder, "graph.onnx")
        write_onnx(graph, example, traced, INPUTS, OUTPUTS, FREE)
        finish(
            traced,
            path,
            facts.precision,
            _calibration_inputs(facts, calibration),
            {KEY: facts.to_json()},
        )


def _calibration_inputs(
    facts: SearchFacts, pictures: Sequence[np.ndarray]
) -> list[dict[str, np.ndarray]]:
    prepare = ScenePreparation(facts)
    threshold = np.array([0.3], np.float32)  # more people than one would be shown
    return [
        dict(zip(INPUTS, (*prepare(pixels)[:2], threshold), strict=True))
        for pixels in pictures
    ]


def _resizing(config: Config, name: str) -> tuple[int, int]:
    """Short and long side to which the config's test pipeline resizes.

    Raises:
        ModelLoadError: it does something else, which the file could not say.
    """
    steps = testing_transforms(config)
    kinds = [str(step["type"]).rpartition(".")[2] for step in steps]
    if kinds != ["LoadImage", "WindowResize", "PackPersonSearchInputs"]:
        raise ModelLoadError(
            f"{name or 'the config'}: export needs the test pipeline LoadImage, "
            f"WindowResize, PackPersonSearchInputs, not {', '.join(kinds) or 'none'}"
        )
    return int(steps[1].get("short", 900)), int(steps[1].get("long", 1500))


def _numbers(preprocessor: nn.Module, key: str, otherwise: float) -> tuple:
    values = getattr(preprocessor, key, None)
    if values is None:
        return (otherwise,) * 3
    return tuple(float(one) for one in values.flatten())
