"""Reading ``cuhk-03.mat``, which holds all pictures of CUHK03 in one HDF5 file."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np

from mmpsearch.errors import DataLayoutError, MatFileError

VIEW_LENGTH = 5  # pictures 1-5 are of the first view, 6-10 of the second


def picture_name(pair: int, person: int, picture: int) -> str:
    """``{pair}_{person:03}_{view}_{picture:02}.png``, all from 1, as is customary."""
    view = 1 if picture <= VIEW_LENGTH else 2
    return f"{pair}_{person:03d}_{view}_{picture:02d}.png"


def _open(path: Path):
    try:
        import h5py
    except ImportError as error:
        raise ImportError(
            f"{path} is an HDF5 file; reading it needs h5py: pip install h5py"
        ) from error
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise MatFileError(
            f"{path} is damaged or not a MATLAB 7.3 file ({error}); extract "
            "cuhk03_release.zip again."
        ) from error


def _cells(file, path: Path, name: str) -> np.ndarray:
    """(N,) references of a cell vector."""
    if name not in file:
        raise DataLayoutError(f"{path} has no variable {name!r}, it has {list(file)}.")
    return np.ravel(file[name][()])


def read_test_sets(path: Path) -> np.ndarray:
    """(20, T, 2) int64 camera pair and person, from 1, of the classic test sets."""
    with _open(path) as file:
        sets = [file[cell][()].T for cell in _cells(file, path, "testsets")]
    return np.array(sets, dtype=np.int64)


def extract_pictures(path: Path, boxes: str, folder: Path) -> int:
    """Write all pictures as PNG files into a new folder; complete or not at all.

    Args:
        path: ``cuhk-03.mat``.
        boxes: ``'labeled'`` or ``'detected'``.
        folder: Where to; must not exist. Several processes may do this at once, the
            first one's result stays.

    Returns:
        Number of pictures.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        count = 0
        with _open(path) as file:
            for pair, cell in enumerate(_cells(file, path, boxes), start=1):
                people = file[cell][()].T  # (people, 10)
                for (person, picture), reference in np.ndenumerate(people):
                    image = file[reference][()]  # (3, W, H) RGB, or empty
                    if image.ndim != 3:
                        continue
                    name = picture_name(pair, person + 1, picture + 1)
                    bgr = np.ascontiguousarray(image.transpose(2, 1, 0)[:, :, ::-1])
                    if not cv2.imwrite(str(temporary / name), bgr):
                        raise OSError(f"{temporary / name} could not be written")
                    count += 1
        temporary.chmod(0o755)
        try:
            os.rename(temporary, folder)
        except OSError:
            if not folder.is_dir():
                raise
        return count
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
