"""Small MATLAB files through SciPy, with errors that name the file."""

from pathlib import Path

import numpy as np
from scipy.io import loadmat

from mmpsearch.datasets.io.mat_faults import check_survivable
from mmpsearch.errors import MatFileError


def load_mat(path: str | Path, *variables: str) -> np.ndarray:
    """The first of the named variables that the file has.

    Args:
        path: A MATLAB file, not of version 7.3.
        *variables: Names in order of preference.

    Raises:
        MatFileError: The file cannot be read, or has none of the variables.
    """
    try:
        check_survivable(Path(path).read_bytes())
    except MatFileError as error:
        raise MatFileError(
            f"{path} {error}; it is damaged or no data set's file."
        ) from error
    try:
        content = loadmat(path)
    except FileNotFoundError:
        raise
    except NotImplementedError as error:
        raise MatFileError(
            f"{path} was saved in MATLAB's version 7.3 format (HDF5). Save it again "
            "with the option '-v7'."
        ) from error
    except Exception as error:  # SciPy raises many types on damaged files
        raise MatFileError(
            f"{path} is damaged or not a MATLAB file ({error}); download it again."
        ) from error
    for variable in variables:
        if variable in content:
            return content[variable]
    found = [name for name in content if not name.startswith("__")]
    raise MatFileError(f"{path} has none of {list(variables)}, it has {found}.")


def structs(array: np.ndarray) -> np.ndarray:
    """(N,) struct array out of a struct array, or out of cells of one struct each.

    Raises:
        ValueError: It holds something else.
    """
    while array.dtype == object and array.size == 1:
        array = np.asarray(array.ravel()[0])
        if array.dtype == object and array.ndim == 0:  # a cell that was never filled
            raise ValueError(f"expected a struct array, found {array}")
    if array.dtype.names is None:
        if array.dtype != object and array.size:
            raise ValueError(f"expected a struct array, found one of {array.dtype}")
        cells = [structs(cell) for cell in array.ravel()]
        return np.concatenate(cells) if cells else array.ravel()
    return array.ravel()


def text(array: np.ndarray) -> str:
    """String of a char array, possibly inside cells."""
    while isinstance(array, np.ndarray):
        if array.size == 0:
            return ""
        array = array.ravel()[0]
    return str(array)


def texts(array: np.ndarray) -> list[str]:
    """Strings of a cell array of names."""
    return [text(cell) for cell in array.ravel()]
