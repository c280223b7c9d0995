"""Any exported embedder: ONNX or OpenVINO.

Three kinds are told apart where nothing is said:

- The input is (N, H, W, 3) uint8: as ``tools/export/export_onnx.py`` writes, with
  resizing and normalisation inside.
- OpenVINO's (N, 3, H, W): BGR 0..255, as Open Model Zoo's are.
- ONNX's (N, 3, H, W): RGB in 0..1, normalised by ImageNet's mean and deviation, as
  torchreid's and most others' are; a warning says that this is a guess.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from mmpsearch.apis.embedders.embedder import Embedder
from mmpsearch.apis.graph_input import prepare
from mmpsearch.apis.graph_settings import GraphSettings, given_settings, with_given
from mmpsearch.apis.graphs import Graph, load_graph
from mmpsearch.apis.graphs.graph import digest_of
from mmpsearch.errors import ModelLoadError

OPEN_SIZE = (256, 128)  # where a network leaves its input size open


@dataclass(frozen=True)
class EmbedderSettings(GraphSettings):
    """Pre-processing of crops.

    Attributes:
        output: Name of the output with the embeddings; None: the only one.
        embed_dims: Length of an embedding; None: not checked.
        context: Added to a box on every side, as a share of its width and height:
            the crops that these networks learned from show people with a margin.
        drawn_people: It learned from drawn people, and will miss real ones.
    """

    output: str | None = None
    embed_dims: int | None = None
    context: float = 0.05
    drawn_people: bool = False


IMAGENET = dict(
    channel_order="rgb",
    scale=1 / 255,
    mean=(0.485, 0.456, 0.406),
    std=(0.229, 0.224, 0.225),
)


class GraphEmbedder(Embedder):
    """An embedder that was exported to ONNX or OpenVINO.

    Args:
        path: ``.onnx`` or ``.xml``.
        settings: Of a catalogue. None: a yaml beside the file, else as above.
        device: Where ONNX Runtime runs.
        batch_size: Crops per run.
        backend: As of :func:`mmpsearch.apis.graphs.load_graph`.

    Raises:
        ModelLoadError: The file cannot be run, is no embedder, or the settings do not
            fit.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        settings: Mapping | None = None,
        device: torch.device | None = None,
        batch_size: int = 32,
        backend: str | None = None,
    ) -> None:
        path = Path(path)
        self.graph = load_graph(path, device, backend)
        self.batch_size = batch_size
        self._takes_pixels = _takes_pixels(self.graph)
        self.settings = _complete(self.graph, *given_settings(path, settings))
        self._output = _output(self.graph, self.settings.output)
        self.name = path.name
        self.context = self.settings.context
        self.drawn_people = self.settings.drawn_people
        self.digest = digest_of(path, asdict(self.settings))

    def __call__(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        """See the base class."""
        rows = []
        if self._takes_pixels:
            for crop in crops:
                rows.append(self.graph(crop[None])[self._output])
            return self._rows(np.concatenate(rows))
        for start in range(0, len(crops), self.batch_size):
            batch = [
                prepare(crop, self.settings)[0]
                for crop in crops[start : start + self.batch_size]
            ]
            rows.append(self.graph.run_batch(np.stack(batch))[self._output])
        return self._rows(np.concatenate(rows))

    def _rows(self, values: np.ndarray) -> np.ndarray:
        wanted = self.settings.embed_dims
        if wanted is None and sum(side > 1 for side in values.shape[1:]) > 1:
            raise ModelLoadError(
                f"{self.graph.path}: the output {self._output!r} has the shape "
                f"{values.shape}, and an embedding is one list of numbers; is this a "
                "detector? If not, say `embed_dims: ` in a yaml beside it"
            )
        values = values.reshape(len(values), -1).astype(np.float32)
        if wanted not in (None, values.shape[1]):
            raise ModelLoadError(
                f"{self.graph.path}: embeddings have the length {values.shape[1]}, the "
                f"settings say embed_dims: {wanted}"
            )
        return values


def _takes_pixels(graph: Graph) -> bool:
    first = graph.inputs[0]
    return first.dtype == np.uint8 and len(first.shape) == 4 and first.shape[-1] == 3


def _output(graph: Graph, wanted: str | None) -> str:
    names = [one.name for one in graph.outputs]
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted not in names:
        raise ModelLoadError(
            f"{graph.path} has the outputs {', '.join(names)}; say in "
            f"{graph.path.with_suffix('.yaml')} which one is the embedding, `output: `"
        )
    return wanted


def _complete(graph: Graph, given: dict, where: str) -> EmbedderSettings:
    """Settings without a gap: given ones, the graph's, the usual ones."""
    shape = graph.inputs[0].shape
    if _takes_pixels(graph):
        # exported here: used as the model that it was
        return with_given(EmbedderSettings(resize="none", context=0.0), given, where)
    if len(graph.inputs) != 1 or len(shape) != 4 or shape[1] not in (3, None):
        inputs = ", ".join(f"{one.name} {one.shape}" for one in graph.inputs)
        raise ModelLoadError(
            f"{graph.path}: an embedder takes crops (N, 3, height, width), this "
            f"network takes {inputs}"
        )
    fixed = None if None in shape[2:] else shape[2:]
    asked = with_given(EmbedderSettings(), given, where)
    if fixed and asked.input_size not in (None, fixed):
        raise ModelLoadError(
            f"{where}: input_size is {asked.input_size}, the network takes {fixed}"
        )
    usual = {"input_size": fixed or OPEN_SIZE}
    if graph.path.suffix == ".onnx" and not given:
        warnings.warn(
            f"nothing says how {graph.path.name} wants its crops; they are given as "
            "RGB normalised by ImageNet's mean and deviation. Write colour, scale, "
            f"mean and std to {where}",
            stacklevel=3,
        )
        usual.update(IMAGENET)
    return with_given(EmbedderSettings(), {**usual, **given}, where)
