"""The former place of `mmpsearch.ops.mmcv_stand_in`."""

import warnings

from mmpsearch.errors import MMCVOpMissingError
from mmpsearch.ops.mmcv_stand_in import EXTENSION, StandIn, install, is_stand_in

__all__ = ["EXTENSION", "MMCVOpMissingError", "StandIn", "install", "is_stand_in"]

warnings.warn(
    "mmpsearch.mmcv_ops is now mmpsearch.ops.mmcv_stand_in; the old name goes with the "
    "next version",
    FutureWarning,
    stacklevel=2,
)
