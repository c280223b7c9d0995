"""`Detections`, under the name by which users of the package know them."""

from mmpsearch.gallery.detections import Detections, ModelFingerprint, normalise

__all__ = ["Detections", "ModelFingerprint", "normalise"]
