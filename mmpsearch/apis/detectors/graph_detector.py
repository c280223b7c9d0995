"""Any exported detector: ONNX or OpenVINO, of the common layouts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torchvision.ops import nms

from mmpsearch.apis.detectors.detector import Detector, FoundPeople, as_found
from mmpsearch.apis.detectors.layouts import STRIDES, read_people, recognise
from mmpsearch.apis.graph_input import Placement, prepare
from mmpsearch.apis.graph_settings import GraphSettings, given_settings, with_given
from mmpsearch.apis.graphs import Graph, load_graph
from mmpsearch.apis.graphs.graph import digest_of
from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.errors import ModelLoadError

OPEN_SIZE = (640, 640)  # looked at where a network leaves its input size open


@dataclass(frozen=True)
class DetectorSettings(GraphSettings):
    """Pre-processing, and how to read what comes out.

    Attributes:
        decode: One of :mod:`mmpsearch.apis.detectors.layouts`; None: recognised.
        strides: Input pixels per cell, where boxes are written for cells of grids.
        person_class: Number of the class; None: the layout's usual one.
        nms_iou: Overlap from which two boxes are one person; None: suppression is
            included in the network.
        score_threshold: From which a score means a person, where nobody says so.
        drawn_people: It learned from drawn people, and will miss real ones.
    """

    decode: str | None = None
    strides: tuple[int, ...] = STRIDES
    person_class: int | None = None
    nms_iou: float | None = None
    score_threshold: float = 0.25
    drawn_people: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "strides", tuple(self.strides))


# What exporters of these layouts do to pictures; COCO's person is 0, or 1 after a
# background.
PIXELS = dict(channel_order="bgr")
UNIT = dict(channel_order="rgb", scale=1 / 255)
YOLOX = dict(**PIXELS, resize="letterbox", person_class=0, nms_iou=0.6)
YOLO = dict(**UNIT, resize="letterbox_centred", person_class=0)
USUAL: dict[str, dict] = {
    "yolox": YOLOX,
    "yolox_decoded": YOLOX,
    "yolov5": dict(**YOLO, nms_iou=0.6),
    "yolov8": dict(**YOLO, nms_iou=0.6),
    "end_to_end": YOLO,
    "detection_output": dict(**PIXELS, resize="stretch", person_class=1),
    "boxes_and_labels": dict(**PIXELS, resize="stretch", person_class=0),
    "boxes_scores_labels": dict(**UNIT, resize="stretch", person_class=1),
}


class GraphDetector(Detector):
    """A detector that was exported to ONNX or OpenVINO.

    Args:
        path: ``.onnx`` or ``.xml``.
        settings: Of a catalogue. None: a yaml beside the file, else what the layout
            of the outputs usually means.
        device: Where ONNX Runtime runs.
        backend: As of :func:`mmpsearch.apis.graphs.load_graph`.

    Raises:
        ModelLoadError: The file cannot be run, its outputs are of no known layout, or
            the settings do not fit.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        settings: Mapping | None = None,
        device: torch.device | None = None,
        backend: str | None = None,
    ) -> None:
        path = Path(path)
        self.graph = load_graph(path, device, backend)
        self.settings = _complete(self.graph, *given_settings(path, settings))
        self.name = path.name
        self.score_threshold = self.settings.score_threshold
        self.drawn_people = self.settings.drawn_people
        self.digest = digest_of(path, asdict(self.settings))

    def __call__(
        self, images: Sequence[SourceImage], score_threshold: float
    ) -> list[FoundPeople]:
        """See the base class; one picture at a time, as most graphs allow no more."""
        return [self._find(image.pixels, score_threshold) for image in images]

    def _find(self, pixels: np.ndarray, score_threshold: float) -> FoundPeople:
        settings = self.settings
        outputs, placement = run_on(self.graph, pixels, settings)
        boxes, scores = read_people(
            outputs,
            settings.decode,
            placement.input_size,
            settings.person_class,
            settings.strides,
        )
        likely = (scores >= score_threshold) & np.isfinite(boxes).all(axis=1)
        boxes, scores = boxes[likely], scores[likely]
        if settings.nms_iou is not None and len(boxes):
            kept = nms(
                torch.from_numpy(boxes), torch.from_numpy(scores), settings.nms_iou
            )
            boxes, scores = boxes[kept.numpy()], scores[kept.numpy()]
        boxes = placement.to_picture(boxes)
        return as_found(boxes, scores, pixels.shape[:2], score_threshold)


def run_on(
    graph: Graph, pixels: np.ndarray, settings: GraphSettings
) -> tuple[dict[str, np.ndarray], Placement]:
    """Outputs for one picture (H, W, 3) BGR uint8, with or without a batch axis."""
    values, placement = prepare(pixels, settings)
    if len(graph.inputs[0].shape) == 4:
        values = values[None]
    return graph(values), placement


def _complete(graph: Graph, given: dict, where: str) -> DetectorSettings:
    """Settings without a gap: given ones, then the graph's, then the layout's."""
    shape = graph.inputs[0].shape
    if len(graph.inputs) != 1 or len(shape) not in (3, 4) or shape[-3] not in (3, None):
        inputs = ", ".join(f"{one.name} {one.shape}" for one in graph.inputs)
        raise ModelLoadError(
            f"{graph.path}: a detector takes one picture (1, 3, height, width), this "
            f"network takes {inputs}"
        )
    asked = with_given(DetectorSettings(), given, where)
    fixed = None if None in shape[-2:] else shape[-2:]
    if fixed and asked.input_size not in (None, fixed):
        raise ModelLoadError(
            f"{where}: input_size is {asked.input_size}, the network takes {fixed}"
        )
    size = fixed or asked.input_size
    layout = asked.decode
    if layout is None:
        probe = replace(asked, input_size=size or OPEN_SIZE, resize="stretch")
        grey = np.full((*probe.input_size, 3), probe.pad_value, np.uint8)
        try:
            outputs, _ = run_on(graph, grey, probe)
            layout = recognise(outputs, probe.input_size, probe.strides)
        except ValueError as error:
            known = ", ".join(USUAL)
            raise ModelLoadError(
                f"{graph.path}: {error}; say which one in {where}, `decode: ` one of "
                f"{known}"
            ) from error
    if layout not in USUAL:
        raise ModelLoadError(f"{where}: decode is {layout!r}, not one of {[*USUAL]}")
    usual = dict(USUAL[layout])
    if size is None and layout == "boxes_scores_labels":
        usual["resize"] = "none"  # torchvision's own resize inside
    elif size is None:
        size = OPEN_SIZE
    given = {**usual, "input_size": size, **given, "decode": layout}
    return with_given(DetectorSettings(), given, where)
