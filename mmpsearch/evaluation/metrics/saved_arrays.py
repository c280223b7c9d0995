"""Dataclasses of arrays that can be written to one file and read again."""

import os
import zipfile
from dataclasses import MISSING, fields
from typing import TypeVar

import numpy as np

from mmpsearch.utils.atomic import replace_when_done

Outputs = TypeVar("Outputs", bound="SavedArrays")


class SavedArrays:
    """Base of dataclasses whose fields are arrays."""

    def save(self, path: str | os.PathLike) -> None:
        """Write an ``.npz`` file in one step."""
        if not str(path).endswith(".npz"):
            raise ValueError(f"outputs are saved as .npz, got {str(path)!r}")
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        with replace_when_done(path) as temporary:
            np.savez(temporary, **arrays)

    @classmethod
    def load(cls: type[Outputs], path: str | os.PathLike) -> Outputs:
        """Read what :meth:`save` wrote.

        Raises:
            ValueError: The file is no archive, or holds other arrays.
        """
        if not zipfile.is_zipfile(path) and os.path.exists(path):
            raise ValueError(f"{path}: not a file of {cls.__name__}, no .npz archive")
        with np.load(path, allow_pickle=False) as arrays:
            needed = {f.name for f in fields(cls) if f.default_factory is MISSING}
            missing = needed - set(arrays.files)
            if missing:
                raise ValueError(
                    f"{path}: not a file of {cls.__name__}, {sorted(missing)} missing"
                )
            names = [f.name for f in fields(cls) if f.name in arrays.files]
            return cls(**{name: arrays[name] for name in names})
