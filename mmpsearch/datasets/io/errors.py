"""The errors about data sets, under their earlier address: see `mmpsearch.errors`."""

from mmpsearch.errors import (
    DataError,
    DataLayoutError,
    DataOptionError,
    MatFileError,
    UnreadableImageError,
)

__all__ = [
    "DataError",
    "DataLayoutError",
    "DataOptionError",
    "MatFileError",
    "UnreadableImageError",
]
