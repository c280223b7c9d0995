"""CUHK-SYSU (Xiao et al., CVPR 2017), read from its official layout."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from mmpsearch.datasets.io.mat_files import load_mat, structs, text, texts
from mmpsearch.datasets.person_search.annotations import SceneAnnotations, match_boxes
from mmpsearch.datasets.person_search.base import PersonSearchDataset
from mmpsearch.datasets.person_search.cuhk_protocol import (
    FORMAT_VERSION,
    read_cuhk_protocol,
)
from mmpsearch.errors import DataLayoutError, DataOptionError, MatFileError
from mmpsearch.registry import DATASETS
from mmpsearch.structures.search_protocol import SearchProtocol

PROTOCOL_FOLDER = ("annotation", "test", "train_test")
GALLERY_SIZES = (50, 100, 500, 1000, 2000, 4000)
SUBSET_FOLDER = ("annotation", "test", "subset")
SUBSETS = {"occlusion": "Occlusion", "resolution": "Resolution"}


@DATASETS.register_module()
class CUHKSYSU(PersonSearchDataset):
    """CUHK-SYSU: 11,206 training and 6,978 test images, 5,532 training identities.

    Training images are those not in ``pool.mat``. Identities of the training
    split are read from ``Train.mat`` (number k there is official id k), those of
    the test split from the queries and galleries of ``TestG50.mat`` (query k is
    id k), by boxes equal to those of ``Images.mat``; everybody else is unlabelled.
    The cameras are unknown.

    Args:
        data_root: Folder with ``Image/SSM`` and ``annotation``.
        split: ``'train'`` or ``'test'``.
        gallery_size: Which protocol to load for testing: 50, 100, 500, 1000, 2000
            or 4000. It is parsed once and cached as integers.
        further_gallery_sizes: Protocols that are evaluated in the same test;
            ``metainfo['protocols']`` has them as ``'G50'`` and so on.
        subset: ``'occlusion'`` or ``'resolution'``: test the occluded or the
            low-resolution queries, in galleries of their own
            (``annotation/test/subset``), in the place of ``gallery_size``.
        **kwargs: Of :class:`PersonSearchDataset`.
    """

    NAME = "CUHK-SYSU"
    IMAGE_FOLDER = "Image/SSM"
    SYNTHETIC_LAYOUT = "cuhk_sysu"
    LAYOUT = """\
  Image/SSM/s1.jpg ...
  annotation/Images.mat, pool.mat, Person.mat
  annotation/test/train_test/Train.mat, TestG50.mat, TestG100.mat ... TestG4000.mat
  annotation/test/subset/Occlusion.mat, Resolution.mat (for these subsets)"""
    REQUEST = (
        "CUHK-SYSU is given to researchers on request to its authors, see "
        "https://github.com/ShuangLI59/person_search and "
        "http://www.ee.cuhk.edu.hk/~xgwang/PS/dataset.html."
    )
    NO_IDENTITIES = (
        "Some copies of CUHK-SYSU hold boxes without identities: they lack Person.mat "
        "and annotation/test. Such a copy cannot be used for person search; ask for "
        "the complete one."
    )

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        gallery_size: int = 100,
        further_gallery_sizes: Sequence[int] = (),
        subset: Literal["occlusion", "resolution"] | None = None,
        **kwargs,
    ) -> None:
        for size in (gallery_size, *further_gallery_sizes):
            if size not in GALLERY_SIZES:
                raise DataOptionError(
                    f"CUHK-SYSU: gallery_size {size} is not one of {GALLERY_SIZES}."
                )
        if subset is not None and subset not in SUBSETS:
            raise DataOptionError(
                f"CUHK-SYSU: subset {subset!r} is not one of {', '.join(SUBSETS)}."
            )
        if subset is not None and further_gallery_sizes:
            raise DataOptionError(
                "CUHK-SYSU: a subset has queries of its own; test it without "
                "further_gallery_sizes"
            )
        self.subset = subset
        self.gallery_size = gallery_size
        self.further_gallery_sizes = tuple(further_gallery_sizes)
        super().__init__(data_root, split, **kwargs)

    def load_annotations(self) -> SceneAnnotations:
        images = self.require("annotation", "Images.mat")
        pool = self.require("annotation", "pool.mat")
        identities = self.require(
            *PROTOCOL_FOLDER,
            "Train.mat" if self.split == "train" else "TestG50.mat",
            hint=self.NO_IDENTITIES,
        )

        def build() -> dict[str, np.ndarray]:
            scenes, not_found = self._read(images, pool, identities)
            return dict(vars(scenes), not_found=np.array(not_found))

        sources = (images, pool, identities)
        arrays = self.cached(f"cuhk_{self.split}", sources, "cuhk-1", build)
        not_found = int(arrays.pop("not_found"))
        scenes = SceneAnnotations(**arrays)
        if not (scenes.person_ids >= 0).any():
            raise DataLayoutError(
                f"CUHK-SYSU: no box of {images} belongs to an identity of {identities}."
                f" {self.NO_IDENTITIES}"
            )
        self.note(
            "identities without box",
            not_found,
            f"boxes of {identities.name} are not in Images.mat; they stay unlabelled.",
        )
        return scenes

    def load_protocol(self, scenes: SceneAnnotations) -> SearchProtocol:
        return self._protocol(scenes, self.subset or self.gallery_size)

    def load_further_protocols(
        self, scenes: SceneAnnotations
    ) -> dict[str, SearchProtocol]:
        sizes = dict.fromkeys(self.further_gallery_sizes)
        return {
            f"G{size}": self._protocol(scenes, size)
            for size in sizes
            if size != self.gallery_size
        }

    def _protocol(self, scenes: SceneAnnotations, size: int | str) -> SearchProtocol:
        if size in SUBSETS:
            # the names of their variables are not the files'
            name, variable, folder = SUBSETS[size], None, SUBSET_FOLDER
        else:
            name = variable = f"TestG{size}"
            folder = PROTOCOL_FOLDER
        path = self.require(*folder, f"{name}.mat", hint=self.NO_IDENTITIES)
        pool = self.require("annotation", "pool.mat")
        keys = scenes.image_keys.tolist()
        arrays = self.cached(
            f"cuhk_{name}",
            (path, pool),
            FORMAT_VERSION,
            lambda: read_cuhk_protocol(path, variable, keys),
        )
        if size in SUBSETS:
            person_ids = self._query_ids(scenes, arrays, path)
        else:
            person_ids = np.arange(1, len(arrays["query_images"]) + 1)
        return SearchProtocol(
            name=f"{self.NAME} {name}",
            image_keys=keys,
            image_cameras=scenes.cameras,
            gt_boxes=scenes.boxes,
            gt_person_ids=scenes.person_ids,
            gt_offsets=scenes.offsets,
            query_person_ids=person_ids,
            **arrays,
        )

    def _query_ids(
        self, scenes: SceneAnnotations, arrays: dict[str, np.ndarray], path: Path
    ) -> np.ndarray:
        """(Q,) official ids, by boxes equal to those of the scenes."""
        found = []
        for query, image in enumerate(arrays["query_images"].tolist()):
            begin, end = scenes.offsets[image : image + 2]
            place = match_boxes(scenes.boxes[begin:end], arrays["query_boxes"][query])
            person = -1 if place < 0 else int(scenes.person_ids[begin + place])
            if person < 0:
                raise DataLayoutError(
                    f"{self.NAME}: query {query + 1} of {path}, in "
                    f"{scenes.image_keys[image]}, is no identity of TestG50.mat; the "
                    "two files are of different releases."
                )
            found.append(person)
        return np.array(found, dtype=np.int64)

    def _read(self, images, pool, identities) -> tuple[SceneAnnotations, int]:
        pool_keys = texts(load_mat(pool, "pool"))
        boxes_of: dict[str, np.ndarray] = {}
        try:
            for image in structs(load_mat(images, "Img")):
                entries = structs(image["box"]) if image["box"].size else ()
                boxes = [np.ravel(entry["idlocate"]) for entry in entries]
                boxes = np.array(boxes, dtype=np.float64).reshape(-1, 4)
                boxes[:, 2:] += boxes[:, :2]
                boxes_of[text(image["imname"])] = boxes
        except (ValueError, TypeError, IndexError, AttributeError) as error:
            if isinstance(error, MatFileError):
                raise
            raise DataLayoutError(
                f"{images}: Img has not the fields imname and box (idlocate): {error}"
            ) from error
        in_pool = set(pool_keys)
        if self.split == "train":
            keys = [key for key in boxes_of if key not in in_pool]
            appearances = self._training_appearances(identities)
        else:
            keys = pool_keys
            appearances = self._test_appearances(identities, keys)
        missing = [key for key in keys if key not in boxes_of]
        if missing:
            raise DataLayoutError(
                f"{images} lacks {len(missing)} images of {pool}, first {missing[0]!r}."
            )
        ids_of = {key: np.full(len(boxes_of[key]), -1) for key in keys}
        not_found = 0
        for person, key, box in appearances:
            place = match_boxes(boxes_of[key], box) if key in ids_of else -1
            if place < 0:
                not_found += 1
            else:
                ids_of[key][place] = person
        scenes = SceneAnnotations.from_lists(
            keys, [boxes_of[key] for key in keys], [ids_of[key] for key in keys]
        )
        return scenes, not_found

    @staticmethod
    def _training_appearances(path):
        """(official id, image, xyxy box) of every appearance in Train.mat."""
        for number, person in enumerate(load_mat(path, "Train").ravel(), start=1):
            try:
                for scene in structs(structs(np.asarray(person))["scene"]):
                    box = np.array(scene["idlocate"], dtype=np.float64).reshape(4)
                    box[2:] += box[:2]
                    yield number, text(scene["imname"]), box
            except (ValueError, TypeError, IndexError, AttributeError) as error:
                raise DataLayoutError(
                    f"{path}: person {number} of Train has not the field scene "
                    f"(imname, idlocate): {error}"
                ) from error

    @staticmethod
    def _test_appearances(path, keys: list[str]):
        """(official id, image, xyxy box) of queries and matches in TestG50.mat."""
        arrays = read_cuhk_protocol(path, "TestG50", keys)
        offsets = arrays["positive_offsets"]
        for query, image in enumerate(arrays["query_images"].tolist()):
            yield query + 1, keys[image], arrays["query_boxes"][query]
            for positive in range(offsets[query], offsets[query + 1]):
                image = int(arrays["positive_images"][positive])
                yield query + 1, keys[image], arrays["positive_boxes"][positive]
