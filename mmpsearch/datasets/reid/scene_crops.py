"""The labelled people of person-search scenes, as a re-identification training set."""

from __future__ import annotations

import numpy as np

from mmpsearch.datasets.reid.base import ReIDDataset
from mmpsearch.errors import DataLayoutError, DataOptionError
from mmpsearch.registry import DATASETS


@DATASETS.register_module()
class SceneCrops(ReIDDataset):
    """Every labelled box of a person-search training set is one item.

    Person ids are the scenes' own, so that class ``c`` of a model trained on the crops
    is identity ``c`` of one trained on the scenes; ``metainfo["identity_order"]`` says
    so in official ids, and travels with the checkpoint. Pictures are cut while
    loading: the pipeline starts with ``LoadImage`` and ``CropPerson``.

    Args:
        scenes: Config of the person-search data set, partition ``'train'``.
        **kwargs: Of :class:`ReIDDataset`.
    """

    NAME = "person-search crops"
    TARGET = "scene_crops"
    PARTITIONS = ("train",)

    def __init__(self, scenes: dict, **kwargs) -> None:
        if scenes.get("partition", "train") != "train":
            raise DataOptionError(
                f"{self.NAME}: scenes.partition must be 'train', got "
                f"{scenes['partition']!r}; a test set is searched by "
                "mmpsearch.TwoStepSearch"
            )
        self.scenes = DATASETS.build(dict(scenes, partition="train", lazy_init=True))
        super().__init__(data_root=self.scenes.data_root, **kwargs)

    def load_data_list(self) -> list[dict]:
        """One ``data_info`` per labelled box."""
        self.scenes.full_init()
        known = self.scenes.metainfo
        infos, cameras = [], set()
        for index in range(len(self.scenes)):
            scene = self.scenes.get_data_info(index)
            cameras.add(scene["camera_id"])
            for box, person in zip(
                scene["gt_bboxes"], scene["gt_person_ids"].tolist(), strict=True
            ):
                if person < 0:
                    continue
                info = dict(
                    img_path=scene["img_path"],
                    person_box=box.astype(np.float32),
                    person_id=person,
                    camera_id=scene["camera_id"],
                )
                info["upright"] = scene.get("upright", False)
                for key in ("height", "width"):
                    if key in scene:
                        info[key] = scene[key]
                infos.append(info)
        if not infos:
            raise DataLayoutError(
                f"{self.NAME}: no person of {known['name']} in {self.data_root} has an "
                "identity; boxes alone cannot train re-identification."
            )
        self._num_identities = known["num_identities"]
        self._metainfo.update(
            name=f"{known['name']} crops",
            num_identities=known["num_identities"],
            identity_order=known["identity_order"],
            num_cameras=max(cameras, default=-1) + 1,
        )
        return infos
