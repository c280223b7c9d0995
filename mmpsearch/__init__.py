"""mmpsearch: person search and person re-identification, with pre-training."""

import warnings
from importlib import import_module
from typing import Any

from mmengine.config.utils import MODULE2PACKAGE

from mmpsearch import moved
from mmpsearch.ops import mmcv_stand_in
from mmpsearch.version import __version__

# Before anything of MMCV's operators or MMDetection's models is imported.
mmcv_stand_in.install()
moved.install()
# For _base_ = "mmpsearch::spnet/...py", and mmengine.hub.
MODULE2PACKAGE.setdefault("mmpsearch", "mmpsearch")
# Detectors and embedders of other projects are in the catalogue without one.
warnings.filterwarnings("ignore", "There is not `Config` define in")

__all__ = ["__version__", "get_model", "list_models"]

# Imported when they are asked for: what uses no model stays light.
_BY_NAME = {"get_model": "mmpsearch.apis", "list_models": "mmpsearch.zoo"}


def __getattr__(name: str) -> Any:
    if name in _BY_NAME:
        return getattr(import_module(_BY_NAME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
