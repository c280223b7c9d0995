"""What the data sets of visible and infrared crops have in common."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from mmpsearch.datasets.reid.base import ReIDDataset


class CrossModalityDataset(ReIDDataset):
    """Crops of visible and of infrared cameras.

    The camera says the modality: items of the cameras in ``INFRARED_CAMERAS`` have
    ``modality='ir'``, all others ``'rgb'``. Infrared pictures load with three equal
    channels.

    Args:
        data_root: As of :class:`~mmpsearch.datasets.ReIDDataset`.
        split: A name of ``SPLITS``; ids of the training splits count
            from 0.
        **kwargs: Of :class:`~mmpsearch.datasets.ReIDDataset`.
    """

    INFRARED_CAMERAS: tuple[int, ...] = ()

    @cached_property
    def modalities(self) -> np.ndarray:
        """(N,) ``'rgb'`` or ``'ir'`` of every item."""
        cameras = self.camera_ids - self.camera_offset
        return np.where(np.isin(cameras, self.INFRARED_CAMERAS), "ir", "rgb")

    def get_data_info(self, idx: int) -> dict:
        """A copy of item ``idx`` with all keys, among them its ``modality``."""
        info = super().get_data_info(idx)
        camera = info["camera_id"] - self.camera_offset
        info["modality"] = "ir" if camera in self.INFRARED_CAMERAS else "rgb"
        return info
