"""What the tokens of patches say, as plain numbers: masks, matches, clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def mass_mask(attention: np.ndarray, mass: float = 0.6) -> np.ndarray:
    """The smallest set of patches that has a share of the attention.

    Args:
        attention: (..., P) shares of patches, not negative.
        mass: Least share of each row's sum, 0..1.

    Returns:
        (..., P) bool.
    """
    order = np.argsort(attention, axis=-1)
    ascending = np.take_along_axis(attention, order, axis=-1).astype(np.float64)
    below = np.cumsum(ascending / ascending.sum(axis=-1, keepdims=True), axis=-1)
    kept = below > 1 - mass
    mask = np.zeros_like(kept)
    np.put_along_axis(mask, order, kept, axis=-1)
    return mask


def match_patches(
    first: np.ndarray, second: np.ndarray, attention: np.ndarray, number: int = 12
) -> tuple[np.ndarray, np.ndarray]:
    """For the patches that matter in one picture, the most alike of another.

    Args:
        first: (P, C) tokens of the first picture's patches; products are compared,
            without normalisation, as in iBOT.
        second: (Q, C) of the second's.
        attention: (heads, P) of the class token in the first picture.
        number: How many patches, those of highest mean attention.

    Returns:
        Two (number,) int64: patches of the first picture, by falling attention, and
        their matches in the second.
    """
    chosen = np.argsort(-attention.mean(axis=0), kind="stable")[:number]
    return chosen, (first[chosen] @ second.T).argmax(axis=1)


@dataclass(frozen=True)
class PatchCluster:
    """Patches that share their most likely prototype.

    Attributes:
        prototype: Number of the prototype.
        size: Patches in the cluster.
        pictures: (n,) int64, picture of the clearest members, clearest first.
        patches: (n,) int64, their places in the picture, row by row.
        confidences: (n,) their probability of the prototype.
    """

    prototype: int
    size: int
    pictures: np.ndarray
    patches: np.ndarray
    confidences: np.ndarray


def find_clusters(
    prototypes: np.ndarray,
    confidences: np.ndarray,
    usable: np.ndarray | None = None,
    clusters: int = 12,
    members: int = 10,
    by: str = "size",
) -> list[PatchCluster]:
    """The largest, or the clearest, clusters of patches.

    Args:
        prototypes: (N, P) most likely prototype of every patch of N pictures.
        confidences: (N, P) its probability.
        usable: (N, P) bool; others are left out (near-black patches). None: all.
        clusters: At most how many.
        members: At most how many patches of each, at most one per picture.
        by: ``size`` or ``confidence`` (mean of the shown members'); clusters that
            cannot show ``members`` patches come last.
    """
    if by not in ("size", "confidence"):
        raise ValueError(f"by must be 'size' or 'confidence', got {by!r}")
    usable = np.ones(prototypes.shape, bool) if usable is None else usable
    pictures, patches = np.nonzero(usable)
    labels, values = prototypes[usable], confidences[usable]
    found = []
    for prototype in np.unique(labels):
        inside = np.flatnonzero(labels == prototype)
        inside = inside[np.argsort(-values[inside], kind="stable")]
        _, first = np.unique(pictures[inside], return_index=True)
        shown = inside[np.sort(first)[:members]]
        found.append(
            PatchCluster(
                int(prototype),
                len(inside),
                pictures[shown],
                patches[shown],
                values[shown],
            )
        )

    def rank(cluster: PatchCluster) -> tuple:
        full = len(cluster.pictures) >= members
        clear = float(cluster.confidences.mean())
        values = (cluster.size, clear) if by == "size" else (clear, cluster.size)
        return full, *values

    return sorted(found, key=rank, reverse=True)[:clusters]
