"""The people of person-search scenes, as a re-identification data set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from mmpsearch.datasets.former_partition import current_arguments
from mmpsearch.datasets.reid.base import ReIDDataset
from mmpsearch.datasets.reid.crops import Crops
from mmpsearch.errors import DataLayoutError, DataOptionError
from mmpsearch.registry import DATASETS

SIZES = ("height", "width")  # of the scene, where they are known


@DATASETS.register_module()
class SceneCrops(ReIDDataset):
    """Every labelled box of a person-search data set is one item.

    In training, person ids are the scenes' own, so that class ``c`` of a model trained
    on the crops is identity ``c`` of one trained on the scenes;
    ``metainfo["identity_order"]`` says so in official ids, and travels with the
    checkpoint. In testing the queries are those of the scenes' protocol, the gallery
    is every box, of unlabelled people (-1) too, and ids are the official ones. As
    metrics leave out pictures of the query's person by the query's own camera, the
    query itself is never its own answer.

    Pictures are cut while loading: the pipeline starts with ``LoadImage`` and
    ``CropPerson``.

    Args:
        scenes: Config of the person-search data set; its split is this one's.
        split: ``'train'``, ``'test'``, or another one of the scenes with queries.
        leave_out: Pictures of the query's person that do not count as answers in
            testing: those by the same ``"camera"``, as is usual in re-identification,
            or those in the same ``"scene"``, as in person search: then every scene
            counts as a camera of its own, as scenes of unknown cameras always do.
        **kwargs: Of :class:`ReIDDataset`.
    """

    NAME = "person-search crops"
    TARGET = "scene_crops"
    SPLITS = ("train", "val", "test")

    def __init__(
        self,
        scenes: dict,
        split: str = "train",
        *,
        leave_out: Literal["camera", "scene"] = "camera",
        **kwargs,
    ) -> None:
        scenes = current_arguments(scenes, "scenes")
        if scenes.get("split", split) != split:
            raise DataOptionError(
                f"{self.NAME}: scenes.split is {scenes['split']!r} and that of "
                f"the crops {split!r}; give it to mmpsearch.SceneCrops alone (a "
                "test set of scenes is searched by mmpsearch.TwoStepSearch)"
            )
        if leave_out not in ("camera", "scene"):
            raise DataOptionError(
                f"{self.NAME}: leave_out is 'camera' or 'scene', got {leave_out!r}"
            )
        self.leave_out = leave_out
        self.scenes = DATASETS.build(dict(scenes, split=split, lazy_init=True))
        super().__init__(self.scenes.data_root, split, **kwargs)

    def load_data_list(self) -> list[dict]:
        """One ``data_info`` per box; in testing queries first."""
        self.scenes.full_init()
        infos = self._labelled() if self.is_training else self._queries_and_gallery()
        known = self.scenes.metainfo
        self._num_identities = known["num_identities"]
        self._metainfo.update(
            name=f"{known['name']} crops",
            num_identities=known["num_identities"],
            num_cameras=max(info["camera_id"] for info in infos) + 1,
        )
        if self.is_training:
            self._metainfo["identity_order"] = known["identity_order"]
        else:
            self._check_test_set(infos)
        return infos

    def _labelled(self) -> list[dict]:
        infos = [
            _crop(scene, box, person)
            for scene in self._scenes()
            for box, person in _people(scene)
            if person >= 0
        ]
        if not infos:
            raise DataLayoutError(
                f"{self.NAME}: no person of {self.scenes.metainfo['name']} in "
                f"{self.data_root} has an identity; boxes alone cannot train "
                "re-identification."
            )
        return infos

    def _queries_and_gallery(self) -> list[dict]:
        protocol = self.scenes.metainfo.get("protocol")
        if protocol is None:
            raise DataLayoutError(
                f"{self.NAME}: {self.scenes.metainfo['name']} has no queries in its "
                f"split {self.split!r}"
            )
        queries, gallery = [], []
        for scene in self._scenes_by_cameras():
            searched = protocol.query_person_ids[scene["query_ids"]].tolist()
            for box, person in zip(scene["query_bboxes"], searched, strict=True):
                queries.append(dict(_crop(scene, box, person), is_query=True))
            gallery += [_crop(scene, box, person) for box, person in _people(scene)]
        return queries + gallery

    def _check_test_set(self, infos: list[dict]) -> None:
        """Say its numbers; refuse one in which no query can be answered."""
        queries, gallery = (
            Crops.of(
                [
                    (info["img_path"], info["person_id"], info["camera_id"])
                    for info in infos
                    if info.get("is_query", False) == wanted
                ]
            )
            for wanted in (True, False)
        )
        self._metainfo.update(
            target=self.target, num_queries=len(queries), num_gallery=len(gallery)
        )
        if len(np.unique(gallery.camera_ids)) == 1 and self.leave_out == "camera":
            raise DataLayoutError(
                f"{self.NAME}: one camera saw all of {self.data_root}, and pictures by "
                "the query's own camera do not count; give leave_out='scene'"
            )
        self._require_answers(queries, gallery)

    def _scenes(self) -> Iterator[dict]:
        return map(self.scenes.get_data_info, range(len(self.scenes)))

    def _scenes_by_cameras(self) -> Iterator[dict]:
        """The scenes; which count as a camera of their own have its number."""
        first = 0
        if self.leave_out == "camera":
            first = max(scene["camera_id"] for scene in self._scenes()) + 1
        for number, scene in enumerate(self._scenes()):
            if self.leave_out == "scene" or scene["camera_id"] < 0:
                scene = dict(scene, camera_id=first + number)
            yield scene


def _people(scene: dict) -> list[tuple[np.ndarray, int]]:
    """Box and person id of everybody in a scene."""
    return list(zip(scene["gt_bboxes"], scene["gt_person_ids"].tolist(), strict=True))


def _crop(scene: dict, box: np.ndarray, person: int) -> dict:
    """The ``data_info`` of one person in a scene."""
    return dict(
        img_path=scene["img_path"],
        person_box=box.astype(np.float32),
        person_id=person,
        camera_id=scene["camera_id"],
        upright=scene.get("upright", False),
        **{key: scene[key] for key in SIZES if key in scene},
    )
