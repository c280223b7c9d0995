"""The gallery's table: equally long NumPy columns, one row per person."""

from __future__ import annotations

import numpy as np

# name: dtype, shape of one row (the embeddings' length comes with the first rows)
LAYOUT: dict[str, tuple[type, tuple[int, ...]]] = {
    "ids": (np.int64, ()),
    "files": (np.int64, ()),
    "boxes": (np.float32, (4,)),
    "scores": (np.float32, ()),
    "cameras": (np.int64, ()),  # position in the gallery's list of names; -1 unknown
    "times": (np.float64, ()),  # seconds; NaN for still pictures
    "clocks": (np.float64, ()),  # Unix time; NaN for unknown
    "frames": (np.int64, ()),  # -1 for still pictures
    "tracks": (np.int64, ()),  # -1 for none
    "starts": (np.float64, ()),
    "ends": (np.float64, ()),
    "added": (np.float64, ()),  # Unix time
}


class GalleryColumns:
    """Columns that grow by blocks; blocks are joined when a column is read."""

    def __init__(self, dimension: int | None = None) -> None:
        self.dimension = dimension
        self._blocks: list[dict[str, np.ndarray]] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, block: dict[str, np.ndarray]) -> None:
        """Add rows: every column of ``LAYOUT`` and ``embeddings`` (n, D) float32."""
        self.dimension = block["embeddings"].shape[1]
        self._blocks.append(block)
        self._length += len(block["ids"])

    def __getitem__(self, name: str) -> np.ndarray:
        """A whole column, (N,) or (N, …)."""
        return self._joined()[name]

    def keep(self, mask: np.ndarray) -> None:
        """Keep the rows where ``mask`` (N,) is True."""
        kept = {name: column[mask] for name, column in self._joined().items()}
        self._blocks = [kept]
        self._length = int(mask.sum())

    def as_dict(self) -> dict[str, np.ndarray]:
        """Every column under its name."""
        return dict(self._joined())

    def _joined(self) -> dict[str, np.ndarray]:
        if len(self._blocks) != 1:
            self._blocks.insert(0, empty_block(self.dimension or 0))
            self._blocks = [
                {
                    name: np.concatenate([block[name] for block in self._blocks])
                    for name in self._blocks[0]
                }
            ]
        return self._blocks[0]


def empty_block(dimension: int) -> dict[str, np.ndarray]:
    """Every column with no row."""
    block = {name: np.empty((0, *row), dtype) for name, (dtype, row) in LAYOUT.items()}
    block["embeddings"] = np.empty((0, dimension), np.float32)
    return block


def check_columns(columns: dict[str, np.ndarray]) -> None:
    """Check names, dtypes and lengths of columns that come from a file.

    Raises:
        ValueError: Naming the first column that does not fit.
    """
    length = len(columns["ids"]) if "ids" in columns else 0
    dimension = columns["embeddings"].shape[1:] if "embeddings" in columns else (0,)
    layout = {**LAYOUT, "embeddings": (np.float32, dimension)}
    for name, (dtype, row) in layout.items():
        if name not in columns:
            raise ValueError(f"column {name!r} is missing")
        column = columns[name]
        if column.dtype != dtype or column.shape != (length, *row):
            raise ValueError(
                f"column {name!r} is {column.dtype} {column.shape}, "
                f"expected {np.dtype(dtype)} {(length, *row)}"
            )
