"""Market-1501 and the sets that took over its three folders."""

from __future__ import annotations

import numpy as np

from mmpsearch.datasets.io.picture_files import LeftOut
from mmpsearch.datasets.reid.base import ReIDDataset
from mmpsearch.datasets.reid.crops import Counts, Crops, list_folder
from mmpsearch.registry import DATASETS

FOLDER_OF = {
    "train": "bounding_box_train",
    "query": "query",
    "gallery": "bounding_box_test",
}


class BoundingBoxFolders(ReIDDataset):
    """Folders ``bounding_box_train``, ``query``, ``bounding_box_test``.

    A subclass states the grammar of its file names: ``PATTERN`` with the groups
    ``person`` and ``camera``.
    """

    MARKER = "bounding_box_train"
    PATTERN = ""
    GRAMMAR = ""
    FIRST_CAMERA = 1
    PUBLISHED: dict[str, Counts] = {}

    def read_split(self, part: str) -> Crops:
        folder, left_out = self.require(FOLDER_OF[part]), LeftOut()
        rows = [
            (path, int(match["person"]), int(match["camera"]) - self.FIRST_CAMERA)
            for path, match in list_folder(folder, self.PATTERN, self.GRAMMAR, left_out)
        ]
        self.note_left_out(left_out, f" ({part})")
        return Crops.of(rows)

    def published(self, part: str) -> Counts:
        return self.PUBLISHED.get(part, Counts())


@DATASETS.register_module()
class Market1501(BoundingBoxFolders):
    """Market-1501 (Zheng et al., ICCV 2015): 1,501 people, 6 cameras.

    Person -1 is junk, left out as the official protocol does (leaving 15,913 of
    19,732 gallery files). Person 0 is a distractor: it stays in the gallery, where it
    matches no query, and is left out of training.

    Args:
        data_root: Folder with the three folders.
        split: ``'train'`` or ``'test'``.
        more_distractors: Folder of further gallery pictures of nobody, such as
            ``'images'``, the 500,000 of Market-1501+500k. Any file names; they get
            person 0 and an unknown camera.
        **kwargs: Of :class:`ReIDDataset`.
    """

    NAME = "Market-1501"
    TARGET = SYNTHETIC_LAYOUT = "market1501"
    FOLDERS = ("Market-1501-v15.09.15", "Market-1501", "market1501")
    PATTERN = r"(?P<person>-1|\d{4})_c(?P<camera>[1-9])s\d+_\d+_\d+(\.jpg)+"
    GRAMMAR = "PPPP_cCsS_FFFFFF_NN.jpg (person or -1, camera, sequence, frame, box)"
    LAYOUT = """\
  bounding_box_train/0002_c1s1_000451_03.jpg ...
  query/0001_c1s1_001051_00.jpg ...
  bounding_box_test/-1_c1s1_000401_03.jpg, 0000_c1s1_000151_01.jpg ..."""
    REQUEST = (
        "Market-1501 is offered by its authors, see "
        "https://zheng-lab.cecs.anu.edu.au/Project/project_reid.html."
    )
    PUBLISHED = {
        "train": Counts(12936, 751, 6, (2017, 1709, 2707, 920, 2338, 3245), 0),
        "query": Counts(3368, 750, 6, None, 0),
        "gallery": Counts(15913, 751, 6, None, 3819),
    }

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        *,
        more_distractors: str | None = None,
        **kwargs,
    ) -> None:
        self.more_distractors = more_distractors
        super().__init__(data_root, split, **kwargs)

    def read_split(self, part: str) -> Crops:
        crops = super().read_split(part)
        crops = crops.keep(crops.person_ids >= (0 if part == "gallery" else 1))
        if part == "gallery" and self.more_distractors:
            folder = self.require(self.more_distractors)
            more = [path for path, _ in list_folder(folder, r".*", "")]
            crops = Crops(
                crops.paths + more,
                np.append(crops.person_ids, np.zeros(len(more), np.int64)),
                np.append(crops.camera_ids, np.full(len(more), -1)),
                crops.left_out,
            )
        return crops


@DATASETS.register_module()
class DukeMTMCReID(BoundingBoxFolders):
    """DukeMTMC-reID (Zheng et al., ICCV 2017): 8 cameras.

    1,404 people seen by two cameras and 408 more in the gallery. The authors have
    withdrawn it; this class reads copies that exist.
    """

    NAME = "DukeMTMC-reID"
    TARGET = SYNTHETIC_LAYOUT = "dukemtmc"
    FOLDERS = ("DukeMTMC-reID", "dukemtmc-reid")
    PATTERN = r"(?P<person>\d{4})_c(?P<camera>[1-9])_f\d+\.jpg"
    GRAMMAR = "PPPP_cC_fFFFFFFF.jpg (person, camera, frame)"
    LAYOUT = """\
  bounding_box_train/0001_c2_f0046182.jpg ...
  query/0005_c2_f0046985.jpg ...
  bounding_box_test/0002_c1_f0044158.jpg ..."""
    REQUEST = "DukeMTMC-reID was withdrawn by its authors and is no longer offered."
    PUBLISHED = {
        "train": Counts(
            16522, 702, 8, (2809, 3009, 1088, 1395, 1685, 3700, 1330, 1506), 0
        ),
        "query": Counts(2228, 702, 8, None, 0),
        "gallery": Counts(17661, 1110, 8, None, 0),
    }


@DATASETS.register_module()
class OccludedDuke(DukeMTMCReID):
    """Occluded-Duke (Miao et al., ICCV 2019): occluded queries out of DukeMTMC-reID.

    Some query pictures are in the gallery too, under the same name; the rule "not the
    same camera" removes them.
    """

    NAME = "Occluded-Duke"
    TARGET = SYNTHETIC_LAYOUT = "occluded_duke"
    FOLDERS = ("Occluded_Duke", "Occluded-DukeMTMC-reID")
    REQUEST = (
        "Occluded-Duke is made from DukeMTMC-reID with the lists of "
        "https://github.com/lightas/Occluded-DukeMTMC-Dataset; the pictures "
        "themselves are no longer offered."
    )
    PUBLISHED = {
        "train": Counts(15618, 702, 8, None, 0),
        "query": Counts(2210, 519, 8, None, 0),
        "gallery": Counts(17661, 1110, 8, None, 0),
    }


@DATASETS.register_module()
class PersonX(BoundingBoxFolders):
    """PersonX (Sun and Zheng, CVPR 2019): 1,266 rendered people, 6 cameras.

    The release of SpCL and VisDA, ``subset1``. Its cameras 3, 4, 8, 10, 11 and 12
    become 0 to 5; other numbers are an error.
    """

    NAME = "PersonX"
    TARGET = SYNTHETIC_LAYOUT = "personx"
    FOLDERS = ("subset1", "personx/subset1", "PersonX/subset1", "PersonX")
    CAMERAS = (3, 4, 8, 10, 11, 12)
    PATTERN = rf"(?P<person>\d+)_c(?P<camera>{'|'.join(map(str, CAMERAS))})(\D.*)?"
    GRAMMAR = f"PPPP_cC_NN.jpg (person, camera of {CAMERAS}, number)"
    FIRST_CAMERA = 0
    LAYOUT = """\
  bounding_box_train/0001_c10_02.jpg ...
  query/0002_c3_01.jpg ...
  bounding_box_test/0002_c4_03.jpg ..."""
    REQUEST = (
        "PersonX is offered by its authors, see "
        "https://github.com/sxzrt/Instructions-of-the-PersonX-dataset."
    )
    PUBLISHED = {
        "train": Counts(9840, 410, 6, None, 0),
        "query": Counts(5136, 856, 6, None, 0),
        "gallery": Counts(30816, 856, 6, None, 0),
    }

    def read_split(self, part: str) -> Crops:
        crops = super().read_split(part)
        cameras = [self.CAMERAS.index(camera) for camera in crops.camera_ids.tolist()]
        return Crops.of(
            list(zip(crops.paths, crops.person_ids.tolist(), cameras, strict=True))
        )
