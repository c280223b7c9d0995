"""Arrays of any common layout as pictures: uint8, (H, W, 3), BGR."""

from __future__ import annotations

import numpy as np

from mmpsearch.errors import ImageReadError

WHITE = 255


def array_to_bgr(array: np.ndarray) -> np.ndarray:
    """Convert an array of any common layout; rules as in ``picture_reading``.

    Args:
        array: (H, W), (H, W, 1), (H, W, 3) BGR or (H, W, 4) BGRA; boolean, uint8,
            other integers within 0..65535, or floating point.

    Returns:
        (H, W, 3) uint8 array, BGR; the input itself when it already is one.

    Raises:
        ImageReadError: Another shape, an empty picture, or values out of range.
    """
    array = np.asarray(array)
    shown = f"array of shape {array.shape}, {array.dtype}"
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4):
        raise ImageReadError(shown, "expected (H, W), (H, W, 3) BGR or (H, W, 4) BGRA")
    if array.size == 0:
        raise ImageReadError(shown, "the picture has no pixels")
    array = _to_uint8(array, shown)
    if array.shape[2] == 4:
        alpha = array[:, :, 3:].astype(np.uint32)
        mixed = array[:, :, :3] * alpha + WHITE * (255 - alpha)
        array = ((mixed + 127) // 255).astype(np.uint8)
    if array.shape[2] == 1:
        array = np.repeat(array, 3, axis=2)
    return np.ascontiguousarray(array)


def _to_uint8(array: np.ndarray, shown: str) -> np.ndarray:
    """(H, W, C) of any numeric dtype -> the same shape in uint8."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:  # of either byte order
        return (array >> 8).astype(np.uint8)
    if array.dtype.kind not in "iuf":
        raise ImageReadError(shown, "the values are not numbers")
    low, high = array.min(), array.max()
    if array.dtype.kind != "f":
        if low < 0 or high > 65535:
            reason = f"values {low}..{high} fit neither 8 nor 16 bits"
            raise ImageReadError(shown, reason)
        return (array if high <= 255 else array >> 8).astype(np.uint8)
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ImageReadError(shown, "there are values that are not finite")
    if low < -1e-3:
        reason = f"values from {low:.3g} to {high:.3g}; pixels lie in 0..255 or in 0..1"
        raise ImageReadError(shown, reason)
    scale = 255.0 if high <= 1 else 1.0
    return np.clip(np.rint(array * scale), 0, 255).astype(np.uint8)
