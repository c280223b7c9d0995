"""Training pictures without identities, and labelled ones of another set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch.utils.data import Dataset

from mmpsearch.registry import DATASETS


@DATASETS.register_module()
class AdaptationDataset(Dataset):
    """A target whose identities are hidden, behind a labelled source or alone.

    Items 0 to S - 1 are the source's pictures, the rest the target's. Every sample's
    metainfo has its ``memory_row``: the identity of a source picture, and the number
    of source identities plus its position for a target picture. The target's
    ``person_id`` is -1 whatever the data set says.

    Args:
        target: Config of the training pictures to learn from, or the dataset.
        source: Config of the labelled training set, or the dataset; None: none.
        pipeline: Given to every config that has none of its own.

    Raises:
        ValueError: The source has pictures without identity.
    """

    def __init__(
        self, target: Any, source: Any = None, pipeline: Sequence | None = None
    ) -> None:
        extra = {} if pipeline is None else dict(pipeline=pipeline)

        def build(given: Any) -> Any:
            if isinstance(given, dict):
                return DATASETS.build({**extra, **given})
            return given

        self.target = build(target)
        self.source = None if source is None else build(source)

    def full_init(self) -> None:
        """Load both sets."""
        for dataset in (self.source, self.target):
            if dataset is not None:
                dataset.full_init()
        if self.source is not None and (self.source.person_ids < 0).any():
            raise ValueError(
                "AdaptationDataset: the source has pictures without identity; leave "
                "them out, or make them the target"
            )

    @property
    def metainfo(self) -> dict:
        """``name`` and ``classes``."""
        names = [self.target.metainfo["name"]]
        if self.source is not None:
            names.insert(0, self.source.metainfo["name"])
        return dict(name=" to ".join(names), classes=("person",))

    @property
    def num_sources(self) -> int:
        """Number of source pictures."""
        return 0 if self.source is None else len(self.source)

    @property
    def num_source_identities(self) -> int:
        """Number of source identities."""
        return 0 if self.source is None else self.source.num_identities

    @property
    def memory_rows(self) -> np.ndarray:
        """(S + N,) int64 row of every item in a hybrid memory."""
        target = self.num_source_identities + np.arange(len(self.target))
        if self.source is None:
            return target
        return np.concatenate([self.source.person_ids, target])

    @property
    def camera_ids(self) -> np.ndarray:
        """(S + N,) int64 camera of every item, -1 unknown."""
        parts = [d.camera_ids for d in (self.source, self.target) if d is not None]
        return np.concatenate(parts)

    def __len__(self) -> int:
        return self.num_sources + len(self.target)

    def get_data_info(self, index: int) -> dict:
        """Item ``index`` before its pipeline, without the target's identity."""
        if index < self.num_sources:
            return self.source.get_data_info(int(index))
        info = self.target.get_data_info(int(index) - self.num_sources)
        return info | dict(person_id=-1)

    def __getitem__(self, index: int):
        from_target = index >= self.num_sources
        dataset = self.target if from_target else self.source
        own = int(index) - self.num_sources if from_target else int(index)
        seed = getattr(index, "seed", None)
        item = dataset[own if seed is None else type(index)(own, seed)]
        sample = item["data_samples"]
        row = sample.person_id
        if from_target:
            # Another picture than asked for where that one cannot be read.
            loaded = sample.metainfo.get("img_id", own) - dataset.image_offset
            row, sample.person_id = self.num_source_identities + loaded, -1
        sample.set_metainfo(dict(memory_row=row))
        return item
