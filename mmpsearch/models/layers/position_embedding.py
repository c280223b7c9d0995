"""Position embeddings of vision transformers for other image sizes."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Form = Literal["compat", "size"]
Grid = tuple[int, int]


def infer_grid(tokens: int, aspect: float) -> Grid:
    """Rows and columns of a grid from its number of cells.

    Args:
        tokens: number of patches.
        aspect: rows / columns; 2 for people at 256 x 128, 1 for ImageNet models.

    Returns:
        ``(rows, columns)``.

    Raises:
        ValueError: no such grid has this number of cells.
    """
    rows = int((tokens * aspect) ** 0.5)
    columns = int(rows // aspect)
    if rows * columns != tokens:
        raise ValueError(
            f"{tokens} patches are no grid of aspect {aspect:g}; give the grid that "
            "the position embedding was trained with"
        )
    return rows, columns


def _resize(embedding: Tensor, source: Grid, **interpolation) -> Tensor:
    """Interpolate the patches of ``(1, 1 + N, C)``; the class token stays."""
    if embedding.shape[1] != 1 + source[0] * source[1]:
        raise ValueError(
            f"a position embedding of {embedding.shape[1]} tokens does not belong to a "
            f"grid of {source[0]} x {source[1]} patches and a class token"
        )
    token, patches = embedding[:, :1], embedding[:, 1:]
    patches = patches.unflatten(1, source).permute(0, 3, 1, 2)  # (1, C, h, w)
    patches = F.interpolate(patches, align_corners=False, **interpolation)
    return torch.cat((token, patches.flatten(2).transpose(1, 2)), dim=1)


def resize_at_load(embedding: Tensor, source: Grid, target: Grid) -> Tensor:
    """Bilinear by size, once: as TransReID loads weights of another image size.

    Args:
        embedding: ``(1, 1 + N, C)``, class token first, then row-major patches.
        source: grid ``(rows, columns)`` it was trained with.
        target: grid wanted.

    Returns:
        ``(1, 1 + rows * columns, C)``.
    """
    return _resize(embedding, source, size=target, mode="bilinear")


def resize_at_run_time(
    embedding: Tensor, source: Grid, target: Grid, form: Form = "compat"
) -> Tensor:
    """Bicubic, in every forward pass whose grid is another one (local crops).

    Args:
        embedding: ``(1, 1 + N, C)``.
        source: its own grid.
        target: grid of the image; if equal, the embedding is returned as it is.
        form: ``compat`` hands the scales ``(rows + 0.1) / source rows`` to the
            interpolation, as DINO and with it all released person models do; ``size``
            hands the size, which is the exact geometry.

    Returns:
        ``(1, 1 + rows * columns, C)``.
    """
    if form not in ("compat", "size"):
        raise ValueError(f"form must be 'compat' or 'size', got {form!r}")
    if tuple(source) == tuple(target):
        return embedding
    if form == "size":
        return _resize(embedding, source, size=target, mode="bicubic")
    scales = tuple((t + 0.1) / s for t, s in zip(target, source, strict=True))
    return _resize(
        embedding,
        source,
        scale_factor=scales,
        mode="bicubic",
        recompute_scale_factor=False,
    )
