"""What a user can put right: one clear sentence each, shown without a traceback.

All are kinds of `UserError`; the programs print its text and end with status 2
(`mmpsearch.utils.command_line.one_line_errors`). A kind also inherits the built-in
exception that Python code would expect in its place. The text names the file, the key
or option, and the remedy.
"""

import os
from collections.abc import Sequence


class UserError(Exception):
    """Something given is missing, wrong, unreadable or does not fit."""


class InputError(UserError, ValueError):
    """Something given is missing, unreadable or does not fit; one clear sentence."""


class ConfigError(UserError, ValueError):
    """A config is wrong; the text lists everything that was found."""


class CheckpointError(UserError, RuntimeError):
    """A checkpoint that is not there, not readable, or refused."""


class ConversionError(UserError, ValueError):
    """Weights that are not those of the wanted model."""


class ModelLoadError(InputError):
    """A config or checkpoint that does not give a working model."""


class DivergedError(UserError, FloatingPointError):
    """A training whose loss is no finite number any more."""


class MMCVOpMissingError(UserError, RuntimeError):
    """An operator of MMCV was called that only its compiled module has."""


class DataError(UserError):
    """Base of the errors about data sets; each message names the file."""


class DataOptionError(DataError, ValueError):
    """An argument of a data set that does not exist or does not apply."""


class MatFileError(DataError, ValueError):
    """A MATLAB file that cannot be read."""


class DataLayoutError(DataError, ValueError):
    """A data set's files do not hold what its layout says."""


class UnreadableImageError(DataError, OSError):
    """An image that is missing, cut off or not an image."""


class MissingPicturesError(DataError, FileNotFoundError):
    """Pictures that a list names are not there; ``paths`` are all of them."""

    def __init__(self, message: str, paths: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.paths = list(paths)


class RenderingError(DataError, ValueError):
    """A rendering cannot be completed; the message says what to do."""


class ManifestError(DataError, ValueError):
    """A folder holds something else than what is to be rendered into it."""


class ImageReadError(InputError):
    """A picture or video that cannot be read; the message names file and reason.

    Attributes:
        path: The file, or a description of the array.
        reason: Why it cannot be read and, where there is one, the remedy.
    """

    def __init__(self, path: str | os.PathLike, reason: str) -> None:
        self.path = os.fspath(path)
        self.reason = reason
        super().__init__(f"cannot read {self.path}: {reason}")

    def __reduce__(self) -> tuple:
        return type(self), (self.path, self.reason)


class QueryBoxError(InputError):
    """A box that is no box, or lies outside its picture."""


class GalleryError(InputError):
    """A gallery file, or embeddings that do not fit the gallery."""


class ArchiveError(InputError):
    """An archive's folder or file that is damaged, or of other settings."""


class StepError(UserError, RuntimeError):
    """A step of an experiment failed, or was finished with another command."""
