"""Errors about data that the user can put right; each message names the file."""


class DataError(Exception):
    """Base of the errors below."""


class DataOptionError(DataError, ValueError):
    """An argument of a data set that does not exist or does not apply."""


class MatFileError(DataError, ValueError):
    """A MATLAB file that cannot be read."""


class DataLayoutError(DataError, ValueError):
    """A data set's files do not hold what its layout says."""


class UnreadableImageError(DataError, OSError):
    """An image that is missing, cut off or not an image."""
