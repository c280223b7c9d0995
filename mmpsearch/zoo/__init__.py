"""Models by name: a catalogue of weights, their download, check and conversion."""

from mmpsearch.zoo.catalogue import catalogue, find, list_models
from mmpsearch.zoo.entry import Entry, WeightFile
from mmpsearch.zoo.errors import DownloadError, ZooError
from mmpsearch.zoo.resolve import ResolvedModel, resolve

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
