"""Which person under which camera in which file: decided before drawing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmpsearch.datasets.synthetic.crop_options import MODALITY_CAMERAS, CropOptions
from mmpsearch.datasets.synthetic.seeds import stream

VIEWS = 5  # CUHK03: at most five pictures of a person in each of two views
_PAIR_SHARES = (0.575, 0.3, 0.0525, 0.0395, 0.033)  # CUHK03's 843 440 77 58 49
_VAL_SHARE = 0.0727  # MSMT17: 2,373 of 32,621
_REPEATED = 0.85  # Occluded-Duke: 1,870 of 2,210


@dataclass(frozen=True)
class CropSpec:
    """A file to be drawn.

    Attributes:
        picture: Seeds the picture; two files with one number are the same picture.
        split: ``'train'``, ``'val'``, ``'query'`` or ``'gallery'``.
        who: Split and number of the identity, as of ``draw_identity``.
        person_id: Id in the layout, -1 junk, 0 distractor (Market-1501).
        camera: Number of the camera, from 0.
        kind: ``'person'``, ``'part'`` of a person, or ``'background'``.
        serial: Number within person and split, from 1 (CUHK03: 1 to 10 in the pair).
        path: The file, relative to the data set's root.
        modality: ``'rgb'`` or ``'ir'``.
    """

    picture: int
    split: str
    who: tuple[str, int]
    person_id: int
    camera: int
    kind: str = "person"
    serial: int = 1
    path: str = ""
    modality: str = "rgb"


def amounts(total: int, parts: int) -> np.ndarray:
    """(parts,) numbers that differ by at most one and sum to ``total``."""
    return np.full(parts, total // parts) + (np.arange(parts) < total % parts)


def draft_crops(options: CropOptions) -> list[CropSpec]:
    """All files of a layout, still without their paths."""
    rng = stream(options.seed, "plan", 100)
    if options.layout == "cuhk03":
        return _cuhk03(options, rng)
    if options.layout in MODALITY_CAMERAS:
        return _two_modalities(options, rng)
    ids = _official_ids(options, rng)
    specs: list[CropSpec] = []

    def add(split, who, person_id, camera, kind="person", serial=1, picture=None):
        number = len(specs) if picture is None else picture
        specs.append(CropSpec(number, split, who, person_id, int(camera), kind, serial))

    for person, count in enumerate(amounts(options.crops, options.identities)):
        order = rng.permutation(options.cameras)
        for i, camera in enumerate(np.resize(order, count)):
            val = options.layout == "msmt17" and rng.random() < _VAL_SHARE and i > 0
            split = "val" if val else "train"
            add(split, ("train", person), ids[0][person], camera, serial=i + 1)
    if options.test_identities:
        _add_test_people(options, rng, ids[1], specs, add)
    first_other = int(max(map(max, filter(len, ids)))) + 1
    for i in range(options.distractors):
        camera = rng.integers(options.cameras)
        if options.layout == "market1501":
            add("gallery", ("test", 0), 0, camera, "background", i + 1)
        else:
            add("gallery", ("unlabelled", i), first_other + i, camera)
    for i in range(options.junk):
        who = ("test", int(rng.integers(options.test_identities)))
        add("gallery", who, -1, rng.integers(options.cameras), "part", i + 1)
    return specs


def _add_test_people(options, rng, ids, specs, add) -> None:
    people = options.test_identities
    queries = amounts(options.queries, people)
    gallery = amounts(options.gallery_crops, people)
    for person in range(people):
        order = rng.permutation(options.cameras)
        who, official = ("test", person), ids[person]
        repeated = []
        for i, camera in enumerate(order[: queries[person]]):
            if options.layout == "occluded_duke" and rng.random() < _REPEATED:
                repeated.append((camera, len(specs), i + 1))
            add("query", who, official, camera, serial=i + 1)
        # The gallery begins with the cameras after the first query's.
        cameras = np.resize(np.roll(order, -1), gallery[person])
        for i, camera in enumerate(cameras):
            serial, picture = int(queries[person]) + i + 1, None
            if repeated and i >= 2:
                camera, picture, serial = repeated.pop()
            add("gallery", who, official, camera, serial=serial, picture=picture)


def _official_ids(options: CropOptions, rng) -> tuple[np.ndarray, np.ndarray]:
    """Ids of training and test people: mixed from 1, or each from 0 (MSMT17)."""
    train, test = options.identities, options.test_identities
    if options.layout in ("msmt17", "luperson"):
        return np.arange(train), np.arange(test)
    mixed = rng.permutation(train + test) + 1
    return np.sort(mixed[:train]), np.sort(mixed[train:])


def _cuhk03(options: CropOptions, rng) -> list[CropSpec]:
    """CUHK03: people belong to a pair of cameras; up to five pictures per view.

    ``camera`` is 2 x pair + view; every picture is drawn twice, as labelled and as
    detected (the same with another box: see ``write_cuhk03``).
    """
    train, test = options.identities, options.test_identities
    test_total = amounts(options.queries, test) + amounts(options.gallery_crops, test)
    counts = np.concatenate([amounts(options.crops, train), test_total])
    if counts.max() > 2 * VIEWS:
        raise ValueError(
            f"crops: CUHK03 has at most {2 * VIEWS} pictures of a person, "
            f"{counts.max()} were asked for"
        )
    queries = amounts(options.queries, test)
    if queries.max() > 2:
        raise ValueError(
            f"queries={options.queries}: CUHK03 has at most one per view, "
            f"{2 * test} for {test} test people"
        )
    people = train + test
    pairs = np.minimum(
        np.searchsorted(np.cumsum(_PAIR_SHARES), (np.arange(people) + 0.5) / people), 4
    )
    specs: list[CropSpec] = []
    for place, person in enumerate(rng.permutation(people)):
        is_test = person >= train
        who = ("test", int(person - train)) if is_test else ("train", int(person))
        first = (int(counts[person]) + 1) // 2
        serials = [*range(1, first + 1)]
        serials += [VIEWS + i for i in range(1, int(counts[person]) - first + 1)]
        firsts = (1, VIEWS + 1)[: queries[person - train]] if is_test else ()
        for serial in serials:
            split = "query" if serial in firsts else "gallery" if is_test else "train"
            camera = 2 * int(pairs[place]) + (serial > VIEWS)
            specs.append(
                CropSpec(len(specs), split, who, place + 1, int(camera), serial=serial)
            )
    return specs


def _two_modalities(options: CropOptions, rng) -> list[CropSpec]:
    """SYSU-MM01 and RegDB: every person's pictures dealt to the modality's cameras.

    In SYSU-MM01 a third of the people never enter cameras 1 and 2, as 40 of its 96
    test people do, and a quarter of the training people are for validation.
    """
    cameras, infrared = MODALITY_CAMERAS[options.layout]
    visible = tuple(c for c in range(cameras) if c not in infrared)
    is_sysu = options.layout == "sysu_mm01"
    ids = rng.permutation(options.identities + options.test_identities) + 1
    in_infrared = options.crops * len(infrared) // cameras
    shares = {
        "train": (options.crops - in_infrared, in_infrared),
        "test": (options.gallery_crops, options.queries),
    }
    if not is_sysu:
        shares["test"] = shares["test"][::-1]  # RegDB: the visible pictures
    specs: list[CropSpec] = []
    for part, first, people in (
        ("train", 0, options.identities),
        ("test", options.identities, options.test_identities),
    ):
        own_ids = np.sort(ids[first : first + people])
        counts = [amounts(total, people) for total in shares[part]]
        for person in range(people):
            split = part
            if part == "train" and is_sysu and person % 4 == 3:
                split = "val"
            for own, count, modality in (
                (visible, counts[0][person], "rgb"),
                (infrared, counts[1][person], "ir"),
            ):
                if is_sysu and modality == "rgb" and person % 3 == 2:
                    own = own[2:]
                dealt = np.sort(np.resize(rng.permutation(own), count))
                for i, camera in enumerate(dealt.tolist()):
                    query = modality == ("ir" if is_sysu else "rgb")
                    specs.append(
                        CropSpec(
                            picture=len(specs),
                            split=("query" if query else "gallery")
                            if split == "test"
                            else split,
                            who=(part, person),
                            person_id=int(own_ids[person]),
                            camera=camera,
                            serial=i - int(np.searchsorted(dealt, camera)) + 1,
                            modality=modality,
                        )
                    )
    return specs
