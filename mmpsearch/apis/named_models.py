"""Models by name, as modules of PyTorch."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.model import initialize
from torch import nn

from mmpsearch.apis.detectors.mmdet_detector import MMDetDetector
from mmpsearch.apis.model_loading import build_model, choose_device, put_on, read_config
from mmpsearch.errors import ModelLoadError
from mmpsearch.registry import MODELS
from mmpsearch.zoo import Entry, find, resolve


def get_model(
    name: str,
    pretrained: bool | str | os.PathLike = True,
    device: str | torch.device | None = None,
) -> nn.Module:
    """A model of the catalogue, built and with its weights.

    Its weights are downloaded on first use, see `mmpsearch.zoo.resolve`.

    Args:
        name: of the catalogue (`mmpsearch.list_models`), or an alias.
        pretrained: with its weights; False: as it is before training; a path: with the
            weights of that file.
        device: such as ``"cuda:1"``; None: the GPU when there is one.

    Returns:
        The module in eval mode, without its training parts. Start weights give their
        backbone.

    Raises:
        ZooError: there is no such name, or no weights are published for it.
        DownloadError: the weights cannot be had; the message says the ways out.
        ModelLoadError: it is a network in ONNX or OpenVINO, which is no module.
    """
    entry = find(name)
    if entry.format in ("onnx", "openvino"):
        raise ModelLoadError(
            f"{name} is a network in {entry.format}, which is no module of PyTorch: "
            f"use load_{entry.task}({name!r}) of mmpsearch.apis"
        )
    given = None if isinstance(pretrained, bool) else Path(os.fspath(pretrained))
    device = choose_device(device)
    if entry.task == "backbone" and "backbone" in entry.settings:
        return put_on(device, _backbone(entry, given or pretrained))
    checkpoint = given or (resolve(name).checkpoint if pretrained else None)
    if entry.format == "mmdet":
        if checkpoint is None:
            raise ModelLoadError(f"{name}: is MMDetection's; build it from its config")
        return MMDetDetector(entry.config, checkpoint, device=device).model
    config, _ = read_config(entry.config)
    return put_on(device, build_model(config, checkpoint, score_threshold=0.5))


def from_catalogue(
    config: str | os.PathLike | dict | Config, checkpoint: str | os.PathLike | None
) -> tuple[str | os.PathLike | dict | Config, str | os.PathLike | None]:
    """Config and checkpoint, where a name was given in place of them.

    Raises:
        ZooError: neither a file nor a name of the catalogue.
        ModelLoadError: a model that comes without a config of this project.
    """
    if not isinstance(config, str) or checkpoint is not None:
        return config, checkpoint
    if os.path.exists(config) or os.sep in config or Path(config).suffix == ".py":
        return config, checkpoint
    if find(config).format != "mmpsearch" or find(config).config is None:
        raise ModelLoadError(
            f"{config} has no config of this project: use "
            "mmpsearch.apis.load_inferencer, load_detector or load_embedder"
        )
    found = resolve(config)
    return found.config, found.checkpoint


def _backbone(entry: Entry, pretrained: bool | Path) -> nn.Module:
    model = MODELS.build(dict(entry.settings["backbone"]))
    if pretrained:
        init = dict(type="mmpsearch.Named", name=entry.name)
        if isinstance(pretrained, Path):
            init["checkpoint"] = str(pretrained)
        initialize(model, init)
    return model
