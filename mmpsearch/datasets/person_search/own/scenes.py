"""All scenes of an own data set, before they are split."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmpsearch.datasets.io.names import numbered
from mmpsearch.datasets.person_search.annotations import SceneAnnotations

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class OwnScenes:
    """Labelled scenes with what a split and a choice of queries need.

    Attributes:
        scenes: I images with G boxes; ids number ``people``, cameras ``cameras``.
        splits: (I,) str, what the annotations say: one of SPLITS, or ``''``.
        order: (I,) int64 rank of each image in time, within its camera at least.
        is_query: (G,) bool, boxes that the annotations mark as queries.
        people: Names by person id, as the annotations have them.
        cameras: Names by camera id.
    """

    scenes: SceneAnnotations
    splits: np.ndarray
    order: np.ndarray
    is_query: np.ndarray
    people: list[str]
    cameras: list[str]

    @classmethod
    def of(
        cls,
        keys: Sequence[str],
        boxes: Sequence[np.ndarray],
        people: Sequence[Sequence[str]],
        cameras: Sequence[str],
        *,
        sizes: np.ndarray | None = None,
        splits: Sequence[str] | None = None,
        order: Sequence[int] | None = None,
        is_query: Sequence[Sequence[bool]] | None = None,
    ) -> OwnScenes:
        """Number people and cameras over the whole data set.

        Whole numbers keep their order by value, other names the alphabet's; an empty
        name or -1 is a person without identity, or an unknown camera.
        """
        person_of = numbered(name for names in people for name in names)
        camera_of = numbered(cameras)
        count = len(keys)
        scenes = SceneAnnotations.from_lists(
            list(keys),
            list(boxes),
            [np.array([person_of[n] for n in names], np.int64) for names in people],
            [camera_of[name] for name in cameras],
            sizes,
        )
        marks = [np.zeros(len(names), bool) for names in people]
        if is_query is not None:
            marks = [np.array(each, dtype=bool) for each in is_query]
        return cls(
            scenes,
            np.array([""] * count if splits is None else splits, dtype=np.str_),
            np.arange(count) if order is None else np.array(order, np.int64),
            np.concatenate([np.zeros(0, bool), *marks]),
            _names(person_of),
            _names(camera_of),
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything as arrays, for the cache."""
        own = dict(splits=self.splits, order=self.order, is_query=self.is_query)
        names = dict(people=self.people, cameras=self.cameras)
        own |= {f"{key}_names": np.array(v, np.str_) for key, v in names.items()}
        return own | {f"scenes_{k}": v for k, v in vars(self.scenes).items()}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> OwnScenes:
        """The reverse of :meth:`arrays`."""
        prefix = "scenes_"
        scenes = {
            key.removeprefix(prefix): value
            for key, value in arrays.items()
            if key.startswith(prefix)
        }
        return cls(
            SceneAnnotations(**scenes),
            arrays["splits"],
            arrays["order"],
            arrays["is_query"],
            arrays["people_names"].tolist(),
            arrays["cameras_names"].tolist(),
        )


def _names(numbers: dict[str, int]) -> list[str]:
    """Names by number, without those of nobody."""
    order = sorted((number, name) for name, number in numbers.items() if number >= 0)
    return [name for _, name in order]


def natural_key(text: str) -> list[Any]:
    """Sorting key by which ``frame9`` comes before ``frame10``."""
    parts = re.split(r"(\d+)", text)
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts]
