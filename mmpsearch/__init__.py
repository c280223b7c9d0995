"""mmpsearch: person search and person re-identification, with pre-training."""

from mmpsearch.ops import mmcv_stand_in
from mmpsearch.version import __version__

# Before anything of MMCV's operators or MMDetection's models is imported.
mmcv_stand_in.install()

__all__ = ["__version__"]
