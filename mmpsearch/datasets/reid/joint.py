"""Several data sets as one: for training, or for testing in one run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from torch.utils.data import Dataset

from mmpsearch.datasets.reid.base import ReIDDataset
from mmpsearch.registry import DATASETS


@DATASETS.register_module()
class JointReIDDataset(Dataset):
    """Concatenate re-identification data sets.

    In training their people and cameras become different ones: the ids of each set
    are shifted past those of the sets before it. In testing the ids stay, and the
    sets are told apart by their ``target``, which must differ.

    Args:
        datasets: Configs or datasets, all of training splits or all of others.
        pipeline: Given to every config that has none of its own.

    Raises:
        ValueError: No dataset, splits mixed, or two test sets of one name.
    """

    def __init__(self, datasets: Sequence, pipeline: Sequence | None = None) -> None:
        extra = {} if pipeline is None else dict(pipeline=pipeline)
        self.datasets: list[ReIDDataset] = [
            DATASETS.build({**extra, **item}) if isinstance(item, dict) else item
            for item in datasets
        ]
        if len({dataset.is_training for dataset in self.datasets}) != 1:
            raise ValueError(
                "JointReIDDataset: needs data sets for training alone or for testing "
                f"alone, got {[dataset.split for dataset in self.datasets]}."
            )
        self.is_training = self.datasets[0].is_training
        self._joined = False

    def full_init(self) -> None:
        """Load all sets and shift the ids; once."""
        if self._joined:
            return
        person = camera = image = 0
        for dataset in self.datasets:
            dataset.full_init()
            dataset.set_offsets(person, camera, image)
            image += len(dataset)
            if self.is_training:
                person += dataset.num_identities
                camera += dataset.metainfo["num_cameras"]
        self._ends = list(accumulate(len(dataset) for dataset in self.datasets))
        targets = [dataset.target for dataset in self.datasets]
        if not self.is_training and len(set(targets)) < len(targets):
            raise ValueError(
                f"JointReIDDataset: the test sets' names {targets} must differ; give "
                "them other ones by target=..."
            )
        self._joined = True

    @property
    def metainfo(self) -> dict:
        """``name``, ``classes``, ``num_identities``, ``num_cameras``: sums."""
        self.full_init()
        parts = [dataset.metainfo for dataset in self.datasets]
        return dict(
            name=" + ".join(part["name"] for part in parts),
            classes=("person",),
            num_identities=sum(part["num_identities"] for part in parts),
            num_cameras=sum(part["num_cameras"] for part in parts),
        )

    @property
    def num_identities(self) -> int:
        """Number of labelled identities of all sets."""
        return self.metainfo["num_identities"]

    @property
    def person_ids(self) -> np.ndarray:
        """(N,) int64 person id of every item."""
        self.full_init()
        return np.concatenate([dataset.person_ids for dataset in self.datasets])

    @property
    def camera_ids(self) -> np.ndarray:
        """(N,) int64 camera id of every item."""
        self.full_init()
        return np.concatenate([dataset.camera_ids for dataset in self.datasets])

    def __len__(self) -> int:
        self.full_init()
        return self._ends[-1]

    def _place(self, index: int) -> tuple[ReIDDataset, int]:
        if not 0 <= index < len(self):
            raise IndexError(f"index {index} is not in 0..{len(self) - 1}")
        number = bisect_right(self._ends, index)
        dataset = self.datasets[number]
        return dataset, int(index) - (self._ends[number] - len(dataset))

    def get_data_info(self, index: int) -> dict:
        """Item ``index``, with the shifted ids."""
        dataset, own = self._place(index)
        return dataset.get_data_info(own)

    def __getitem__(self, index: int):
        dataset, own = self._place(index)
        seed = getattr(index, "seed", None)
        return dataset[own if seed is None else type(index)(own, seed)]
