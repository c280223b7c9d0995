"""One way from what a user names to an inferencer.

Everything that takes a model takes it in one of five forms:

- ``config`` and ``checkpoint``: an end-to-end model of this package;
- ``model="NAME"``: one of the catalogue;
- ``model="FILE"``: an exported person-search model (``.onnx``, ``.xml``);
- ``model="A+B"``: detector A and embedder B, of the catalogue or files;
- ``detector`` and ``embedder``: names or files.
"""

from __future__ import annotations

import os
from pathlib import Path

import torch
from mmengine.config import Config

from mmpsearch.apis.detectors import (
    Detector,
    GivenBoxes,
    GraphDetector,
    MMDetDetector,
    TorchvisionDetector,
)
from mmpsearch.apis.detectors.given_boxes import SUFFIXES as BOX_SUFFIXES
from mmpsearch.apis.detectors.torchvision_detector import PREFIX as TORCHVISION
from mmpsearch.apis.embedders import Embedder, GraphEmbedder, ReIDEmbedder
from mmpsearch.apis.exported_search_inferencer import ExportedSearchInferencer
from mmpsearch.apis.graphs import is_graph
from mmpsearch.apis.model_loading import choose_device
from mmpsearch.apis.person_search_inferencer import PersonSearchInferencer
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.apis.two_step_inferencer import TwoStepInferencer
from mmpsearch.errors import InputError, ModelLoadError
from mmpsearch.zoo import ResolvedModel, find, resolve

PathLike = str | os.PathLike
GRAPH_FORMATS = ("onnx", "openvino")
CHECKPOINTS = (".pth", ".pt", ".bin", ".safetensors")
FORMS = (
    "give one of: a model's name; a detector and an embedder; a config with its "
    "checkpoint"
)


def load_inferencer(
    model: str | None = None,
    *,
    config: PathLike | dict | Config | None = None,
    checkpoint: PathLike | None = None,
    detector: PathLike | Detector | None = None,
    embedder: PathLike | Embedder | None = None,
    detector_checkpoint: PathLike | None = None,
    embedder_checkpoint: PathLike | None = None,
    device: str | torch.device | None = None,
    batch_size: int = 1,
    half: bool = False,
    score_threshold: float | None = None,
    unsafe_load: bool = False,
    scenes: bool = True,
    backend: str | None = None,
) -> SceneInferencer:
    """Load what finds and embeds people.

    Args:
        model: Name of an end-to-end model, an exported one's file, or ``A+B``.
        config: Of an end-to-end model.
        checkpoint: Its weights.
        detector: See :func:`load_detector`.
        embedder: See :func:`load_embedder`.
        detector_checkpoint: Weights where the detector is a config or torchvision's.
        embedder_checkpoint: Weights where the embedder is a config.
        device: ``cpu``, ``cuda``, …; None: the GPU when there is one.
        batch_size: Pictures per forward pass.
        half: Half precision of the models of PyTorch.
        score_threshold: Smallest score of a person; None: 0.5 of an end-to-end model,
            the detector's usual one otherwise.
        unsafe_load: Unpickle whatever checkpoints hold, which can run any code.
        scenes: As of ``PersonSearchInferencer``.
        backend: What runs exported networks, ``onnx`` or ``openvino``; None: ONNX
            Runtime for ``.onnx``, OpenVINO for ``.xml``.

    Raises:
        InputError: Not exactly one of the forms was given, or ``backend`` does not go
            with it.
        ModelLoadError: A name is unknown, or files do not give a working model.
    """
    given = [model is not None, config is not None, detector or embedder]
    if sum(map(bool, given)) != 1:
        raise InputError(FORMS)
    if model is not None:
        detector, plus, embedder = model.partition("+")
        if not plus and is_graph(model):
            return ExportedSearchInferencer(
                model,
                backend,
                choose_device(device),
                batch_size,
                0.5 if score_threshold is None else score_threshold,
            )
        if not plus:
            _refuse_backend(backend, model)
            return _end_to_end(
                model, device, batch_size, half, score_threshold, unsafe_load, scenes
            )
    if config is not None:
        _refuse_backend(backend, "a config")
        return PersonSearchInferencer(
            config,
            checkpoint,
            device,
            batch_size,
            half,
            0.5 if score_threshold is None else score_threshold,
            unsafe_load,
            scenes,
        )
    if not (detector and embedder):
        raise InputError("a detector needs an embedder, and an embedder a detector")
    loading = dict(device=device, unsafe_load=unsafe_load, backend=backend)
    return TwoStepInferencer(
        load_detector(detector, detector_checkpoint, **loading),
        load_embedder(embedder, embedder_checkpoint, half=half, **loading),
        batch_size,
        score_threshold,
    )


def load_detector(
    detector: PathLike | Detector,
    checkpoint: PathLike | None = None,
    device: str | torch.device | None = None,
    unsafe_load: bool = False,
    backend: str | None = None,
) -> Detector:
    """Load what finds people.

    Args:
        detector: An exported network (``.onnx``, ``.xml``); boxes (``.json``,
            ``.txt``); a config of MMDetection (``.py``); ``torchvision:NAME``; a name
            of the catalogue; or a detector, which is returned.
        checkpoint: Weights of a config or of torchvision's model.
        device: As of ``load_inferencer``.
        unsafe_load: As of ``load_inferencer``.
        backend: As of ``load_inferencer``; without effect on what is not exported.

    Raises:
        InputError: A config without its checkpoint.
        ModelLoadError: As of ``load_inferencer``.
    """
    if isinstance(detector, Detector):
        return detector
    name = os.fspath(detector)
    if name.startswith(TORCHVISION):
        return TorchvisionDetector(name, checkpoint, device, unsafe_load)
    if is_graph(name):
        return GraphDetector(name, device=choose_device(device), backend=backend)
    if Path(name).suffix in BOX_SUFFIXES:
        return GivenBoxes(name)
    if Path(name).suffix == ".py":
        if checkpoint is None:
            raise InputError(f"the detector {name} is a config: give its checkpoint")
        return MMDetDetector(name, checkpoint, device=device, unsafe_load=unsafe_load)
    found = _resolve(name, ("detector",))
    if found.format in GRAPH_FORMATS:
        made = GraphDetector(
            found.checkpoint, found.settings, choose_device(device), backend
        )
    else:
        made = MMDetDetector(found.config, found.checkpoint, device=device)
    made.drawn_people |= found.drawn_people
    return made


def load_embedder(
    embedder: PathLike | Embedder,
    checkpoint: PathLike | None = None,
    device: str | torch.device | None = None,
    half: bool = False,
    unsafe_load: bool = False,
    backend: str | None = None,
) -> Embedder:
    """Load what embeds people.

    Args:
        embedder: An exported network (``.onnx``, ``.xml``); a re-identification config
            (``.py``); a name of the catalogue; or an embedder, which is returned.
        checkpoint: Weights of a config.
        device: As of ``load_inferencer``.
        half: As of ``load_inferencer``.
        unsafe_load: As of ``load_inferencer``.
        backend: As of ``load_detector``.

    Raises:
        ModelLoadError: As of ``load_inferencer``.
    """
    if isinstance(embedder, Embedder):
        return embedder
    name = os.fspath(embedder)
    if is_graph(name):
        return GraphEmbedder(name, device=choose_device(device), backend=backend)
    if Path(name).suffix == ".py":
        return ReIDEmbedder(
            name, checkpoint, device, half=half, unsafe_load=unsafe_load
        )
    found = _resolve(name, ("embedder", "re-id"))
    if found.format in GRAPH_FORMATS:
        made = GraphEmbedder(
            found.checkpoint, found.settings, choose_device(device), backend=backend
        )
    else:
        made = ReIDEmbedder(found.config, found.checkpoint, device, half=half)
    made.drawn_people |= found.drawn_people
    return made


def _refuse_backend(backend: str | None, what: str) -> None:
    if backend is not None:
        raise InputError(
            f"--backend {backend} runs exported networks, and {what} runs in PyTorch: "
            "export it (tools/export/export_search.py) and give the file as --model"
        )


def _end_to_end(
    name: str,
    device: str | torch.device | None,
    batch_size: int,
    half: bool,
    score_threshold: float | None,
    unsafe_load: bool,
    scenes: bool,
) -> PersonSearchInferencer:
    found = _resolve(name, ("person-search",))
    made = PersonSearchInferencer(
        found.config,
        found.checkpoint,
        device,
        batch_size,
        half,
        0.5 if score_threshold is None else score_threshold,
        unsafe_load,
        scenes,
    )
    made.drawn_people |= found.drawn_people
    return made


def _resolve(name: str, tasks: tuple[str, ...]) -> ResolvedModel:
    """The catalogue's entry, with its files on this machine.

    Raises:
        ModelLoadError: It is a file of no known kind, or a model for something else.
        ZooError: The catalogue has no such name.
    """
    kind = tasks[0]
    if os.sep in name or Path(name).suffix in CHECKPOINTS:
        raise ModelLoadError(
            f"{name} is no {kind}: give an .onnx or .xml file, a config (.py) with its "
            "checkpoint, or a name of the catalogue"
        )
    task = find(name).task
    if task not in tasks:
        raise ModelLoadError(
            f"{name} is a model for {task}, here a {kind} is needed; `mmpsearch "
            "models` lists them"
        )
    return resolve(name)
