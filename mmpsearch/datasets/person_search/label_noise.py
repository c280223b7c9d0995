"""Missing and spurious labels for the noise study (SPNet, Fig. 6)."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mmpsearch.datasets.person_search.annotations import SceneAnnotations
from mmpsearch.structures.search_protocol import offsets_from_lengths

MISSING_PERCENTS = (80, 60, 40, 20)
SPURIOUS_PERCENTS = (120, 140, 160, 180)


def missing_label_partitions(
    images: np.ndarray,
    percents: Sequence[int] = MISSING_PERCENTS,
    seed: int = 0,
) -> dict[int, np.ndarray]:
    """Choose ever smaller, nested subsets of labels; every image keeps one.

    Per image one random annotation is marked as kept. The others are shuffled and
    the first ``ceil(percent / 100 * t) - s`` stay (t annotations, s images); the next
    partition shuffles and cuts what stayed.

    Args:
        images: (t,) image of each annotation.
        percents: Falling shares of the labels, in percent.
        seed: Seed of NumPy's legacy generator, which the paper's partitions used.

    Returns:
        Per percent the kept annotations: the marked one of each image, in order of
        the images' first annotations, then the sample.
    """
    random = np.random.RandomState(seed)
    _, first = np.unique(images, return_index=True)
    by_image = np.argsort(images, kind="stable")
    lengths = np.unique(images, return_counts=True)[1]
    groups = np.split(by_image, np.cumsum(lengths)[:-1]) if len(images) else []
    marked, rest = [], []
    for group in (groups[i] for i in np.argsort(first)):
        chosen = random.randint(len(group))
        marked.append(group[chosen])
        rest.append(np.delete(group, chosen))
    marked = np.array(marked, dtype=np.int64)
    rest = np.concatenate([np.zeros(0, np.int64), *rest])
    partitions = {}
    for percent in percents:
        order = np.arange(len(rest))
        random.shuffle(order)
        # Rounded first: 0.6 * t must not exceed the exact product.
        wanted = math.ceil(round(percent * len(images) / 100, 6)) - len(marked)
        rest = rest[order[: max(0, wanted)]]
        partitions[percent] = np.concatenate([marked, rest])
    return partitions


def draw_spurious_labels(
    num_annotations: int,
    num_images: int,
    num_sources: int,
    percents: Sequence[int] = SPURIOUS_PERCENTS,
    seed: int = 0,
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Draw wrong labels to add; a higher percentage adds to the one before.

    In each of four rounds ``int(0.2 * t)`` images and as many boxes are drawn with
    replacement.

    Args:
        num_annotations: t, true labels.
        num_images: Images that may get a wrong label.
        num_sources: Boxes whose relative position may be copied.
        percents: Rising, 20 apart from 120 on.
        seed: Seed of NumPy's legacy generator, which the paper's partitions used.

    Returns:
        Per percent the image and the source box of every added label.
    """
    random = np.random.RandomState(seed)
    images = sources = np.zeros(0, np.int64)
    partitions = {}
    for percent in percents:
        count = int(0.2 * num_annotations)
        images = np.concatenate([images, random.randint(0, num_images, count)])
        sources = np.concatenate([sources, random.randint(0, num_sources, count)])
        partitions[percent] = images, sources
    return partitions


def corrupt_labels(
    scenes: SceneAnnotations, percent: int, seed: int = 0
) -> SceneAnnotations:
    """A partition of the noise study: images with at least two persons, then noise.

    Args:
        scenes: All images and boxes, with known image sizes.
        percent: 100: those images as they are. 80, 60, 40, 20: that share of the
            labels. 120, 140, 160, 180: wrong labels added (persons without id, whose
            place in their image is that of a random person elsewhere).
        seed: See the two functions above.

    Raises:
        ValueError: Another percentage.
    """
    known = (*MISSING_PERCENTS, 100, *SPURIOUS_PERCENTS)
    if percent not in known:
        raise ValueError(f"label_noise: percent {percent} is not one of {known}.")
    base = scenes.keep_images(np.diff(scenes.offsets) >= 2)
    if percent < 100:
        kept = missing_label_partitions(base.images_of_boxes, seed=seed)[percent]
        return base.keep_boxes(np.isin(np.arange(len(base.boxes)), kept))
    if percent == 100:
        return base
    images, sources = draw_spurious_labels(
        len(base.boxes), base.num_images, len(scenes.boxes), seed=seed
    )[percent]
    scale = np.tile(scenes.sizes[scenes.images_of_boxes][:, ::-1], 2)[sources]
    boxes = scenes.boxes[sources] / scale * np.tile(base.sizes[images][:, ::-1], 2)
    owners = np.concatenate([base.images_of_boxes, images])
    order = np.argsort(owners, kind="stable")
    ids = np.concatenate([base.person_ids, np.full(len(images), -1)])
    return replace(
        base,
        boxes=np.concatenate([base.boxes, boxes])[order],
        person_ids=ids[order],
        offsets=offsets_from_lengths(np.bincount(owners, minlength=base.num_images)),
    )
