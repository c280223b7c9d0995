"""mmpsearch: person search and person re-identification, with pre-training."""

from . import mmcv_ops
from .version import __version__

# Before anything of MMCV's operators or MMDetection's models is imported.
mmcv_ops.install()

__all__ = ["__version__"]
