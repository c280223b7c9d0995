"""Dataclasses of arrays that can be written to one file and read again."""

import os
import zipfile
from dataclasses import MISSING, fields
from typing import TypeVar

import numpy as np

from mmpsearch.errors import InputError
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
            InputError: The file is damaged, no archive, or holds other arrays.
            FileNotFoundError: There is none.
        """
        if os.path.exists(path) and not zipfile.is_zipfile(path):
            raise InputError(f"{path}: not a file of {cls.__name__}, no .npz archive")
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
        except FileNotFoundError:
            raise
        except Exception as error:  # of damaged archives NumPy raises many types
            raise InputError(f"{path} is damaged: {error}") from error
        needed = {f.name for f in fields(cls) if f.default_factory is MISSING}
        missing = needed - set(arrays)
        if missing:
            raise InputError(
                f"{path}: not a file of {cls.__name__}, "
                f"{', '.join(sorted(missing))} missing"
            )
        names = [field.name for field in fields(cls) if field.name in arrays]
        try:
            return cls(**{name: arrays[name] for name in names})
        except (TypeError, ValueError, IndexError, AttributeError) as error:
            raise InputError(f"{path} is damaged: {error}") from error
