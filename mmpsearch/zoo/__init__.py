"""Models by name: a catalogue of weights, their download, check and conversion."""

from .catalogue import catalogue, find, list_models
from .entry import Entry, WeightFile
from .errors import DownloadError, ZooError
from .resolve import ResolvedModel, resolve

__all__ = [
    "DownloadError",
    "Entry",
    "ResolvedModel",
    "WeightFile",
    "ZooError",
    "catalogue",
    "find",
    "list_models",
    "resolve",
]
