"""One crop of a re-identification data set, before and after the model saw it."""

from mmengine.structures import BaseDataElement
from torch import Tensor

MODALITIES = ("rgb", "ir")  # of a crop; their places are their numbers in tensors


def _field(name: str, kind: type, text: str) -> property:
    """A typed data field, stored as MMEngine expects it, under ``_<name>``."""
    private = "_" + name

    def fget(self):
        return getattr(self, private)

    def fset(self, value) -> None:
        self.set_field(value, private, dtype=kind)

    def fdel(self) -> None:
        delattr(self, private)

    return property(fget, fset, fdel, text)


class ReIDSample(BaseDataElement):
    """Who, where and how of a crop, and its embedding.

    Reading a field that was never set raises ``AttributeError``; setting one to
    another type raises ``AssertionError``.

    Metainfo: ``img_id``, ``img_path``, ``ori_shape`` and ``img_shape`` (h, w),
    ``scale_factor`` (w, h), ``flip``.
    """

    person_id = _field(
        "person_id", int, "Training: from 0; testing: official. -1 unlabelled."
    )
    camera_id = _field("camera_id", int, "From 0; -1 unknown.")
    modality = _field("modality", str, "``'rgb'`` or ``'ir'``.")
    is_query = _field("is_query", bool, "Query or gallery (False in training).")
    target = _field("target", str, "Name of the test set, where a run has several.")
    embedding = _field("embedding", Tensor, "(D,) float, set by the model's predict.")
