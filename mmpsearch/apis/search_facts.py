"""What an exported person-search network says about itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

from mmpsearch.apis.graphs import Graph
from mmpsearch.errors import ModelLoadError
from mmpsearch.gallery.detections import ModelFingerprint

KEY = "mmpsearch"  # in the file's metadata
VERSION = 1  # of the facts and of the network's inputs and outputs


@dataclass(frozen=True)
class SearchFacts:
    """Everything that is needed to use the file alone.

    Attributes:
        model: class of the model, such as ``SPNet``.
        config: file name of its config, or ``""``.
        checkpoint: file name of its weights, or ``""``.
        sha256: of the weights, as of the model of PyTorch, see ``ModelFingerprint``.
        precision: ``fp32``, ``fp16`` or ``int8``.
        short: the pictures' short side, pixels, unless the long one would exceed
        long: that length, which it then has.
        mean: subtracted from the pixels 0..255, in the order of the channels.
        std: divides what is left.
        rgb: the channels are red, green, blue; False: blue, green, red.
        embed_dims: length of an embedding.
        drawn_people: it learned from drawn people, and will miss real ones.
        version: of this description.
    """

    model: str
    config: str
    checkpoint: str
    sha256: str
    precision: str
    short: int
    long: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    rgb: bool
    embed_dims: int
    drawn_people: bool
    version: int = VERSION

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, graph: Graph) -> SearchFacts:
        """Read them from a network's file.

        Raises:
            ModelLoadError: it has none: it is another network; or they are of a later
                version of this package, or damaged.
        """
        text = graph.metadata().get(KEY)
        if text is None:
            raise ModelLoadError(
                f"{graph.path} is no exported person-search model: it lacks the "
                f"metadata {KEY!r} that tools/export/export_search.py writes. A "
                "detector needs an embedder: --detector D.onnx --embedder E.onnx"
            )
        try:
            content = json.loads(text)
            if content["version"] != VERSION:
                raise ModelLoadError(
                    f"{graph.path} was exported in the form {content['version']}, this "
                    f"version reads {VERSION}: export it again"
                )
            facts = cls(**{field.name: content[field.name] for field in fields(cls)})
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, ModelLoadError):
                raise
            raise ModelLoadError(
                f"{graph.path}: its metadata {KEY!r} is damaged "
                f"({type(error).__name__}: {error}); export it again"
            ) from error
        return facts

    def fingerprint(self) -> ModelFingerprint:
        """The model's own where the numbers are its own, else another one.

        Embeddings of a quantised network are near the model's, but not the same: a
        gallery of the one is not searched with the other.
        """
        same = self.precision == "fp32"
        sha256 = self.sha256 if same else f"{self.precision}-{self.sha256}"
        return ModelFingerprint(self.config, self.checkpoint, sha256)
