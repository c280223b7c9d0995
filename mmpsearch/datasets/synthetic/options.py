"""What a synthetic data set consists of, and the sizes of the published ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

LAYOUTS = ("prw", "cuhk_sysu", "coco")
GALLERY_SIZES = (50, 100, 500, 1000, 2000, 4000)


@dataclass(frozen=True)
class SyntheticOptions:
    """Everything that decides the pictures and annotations of a data set.

    Attributes:
        layout: ``'prw'``, ``'cuhk_sysu'`` or ``'coco'``.
        seed: Seed of people, cameras and scenes.
        identities: People of the training set who carry an id.
        test_identities: Other people, of the gallery and the queries.
        scenes: Training pictures.
        gallery_scenes: Test pictures.
        query_scenes: Further test pictures, in which the queries live (PRW; with 0
            the queries live in the gallery pictures).
        queries: Upper limit of the number of queries, 0 for no limit.
        cameras: Number of cameras.
        first_camera: Number of the first; two data sets with disjoint numbers share
            no place, colour cast or noise.
        width, height: Size of the pictures.
        labelled_per_scene: Mean number of people with an id in a picture.
        unlabelled_fraction: Share of the pictures with people who have no id and
            appear nowhere else.
        unlabelled_most: At most so many of them in one picture.
        empty_fraction: Share of the pictures without people (COCO).
        harder: Closer to the world: people from 25 to 300 pixels tall (at a height of
            480), crowds, look-alikes, and every other camera at night.
    """

    layout: str
    seed: int = 0
    identities: int = 150
    test_identities: int = 60
    scenes: int = 1000
    gallery_scenes: int = 150
    query_scenes: int = 60
    queries: int = 0
    cameras: int = 6
    first_camera: int = 0
    width: int = 336
    height: int = 224
    labelled_per_scene: float = 3.45
    unlabelled_fraction: float = 0.4
    unlabelled_most: int = 2
    empty_fraction: float = 0.03
    harder: bool = False

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise ValueError(
                f"layout={self.layout!r} is unknown; choose one of {', '.join(LAYOUTS)}"
            )
        for key in ("scenes", "cameras"):
            if getattr(self, key) < 1:
                raise ValueError(f"{key}={getattr(self, key)}: at least 1 is needed")
        for key in ("query_scenes", "queries"):
            if getattr(self, key) < 0:
                raise ValueError(f"{key}={getattr(self, key)} is negative")
        if self.layout == "prw" and self.cameras > 9:
            raise ValueError(
                f"cameras={self.cameras}: PRW's file names (c1s1_000151.jpg) have one "
                "digit for the camera; use at most 9"
            )
        if self.layout != "coco":
            for key in ("identities", "test_identities"):
                if getattr(self, key) < 4:
                    raise ValueError(
                        f"{key}={getattr(self, key)}: at least 4 are needed"
                    )
            if self.gallery_scenes < 2:
                raise ValueError(
                    f"gallery_scenes={self.gallery_scenes}: at least 2 are needed"
                )
        if min(self.width, self.height) < 64:
            raise ValueError(
                f"size={self.width}x{self.height}: at least 64 pixels a side are needed"
            )
        for key in ("unlabelled_fraction", "empty_fraction"):
            if not 0 <= getattr(self, key) <= 1:
                raise ValueError(f"{key}={getattr(self, key)} is not in 0..1")

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the pictures."""
        return self.width, self.height

    def to_dict(self) -> dict:
        """Plain values for the manifest; without ``harder`` where it is off.

        So a folder that was rendered before there was the option is still its own.
        """
        return {k: v for k, v in asdict(self).items() if k != "harder" or v}


_DEFAULTS = {
    "prw": {},
    "cuhk_sysu": {"cameras": 24, "query_scenes": 0},
    "coco": {
        "cameras": 12,
        "first_camera": 100,
        "identities": 0,
        "test_identities": 0,
        "gallery_scenes": 0,
        "query_scenes": 0,
    },
}

# Up to 13 labelled people and two strangers.
_HARDER = {"width": 854, "height": 480, "labelled_per_scene": 7.0}

# PRW: 11,816 frames, 34,304 labelled boxes, 483 + 450 identities, 2,057 queries, 6
# cameras. CUHK-SYSU: 11,206 + 6,978 images, 5,532 + 2,900 query persons (2.7
# appearances each), 96,143 boxes, hundreds of places. COCO train2017: 118,287 images,
# 64,115 of them with people.
_PUBLISHED = {
    "prw": {
        "identities": 483,
        "test_identities": 450,
        "scenes": 5704,
        "gallery_scenes": 6112,
        "query_scenes": 0,
        "queries": 2057,
        "cameras": 6,
        "labelled_per_scene": 2.9,
    },
    "cuhk_sysu": {
        "identities": 5532,
        "test_identities": 2900,
        "scenes": 11206,
        "gallery_scenes": 6978,
        "query_scenes": 0,
        "cameras": 300,
        "labelled_per_scene": 1.3,
        "unlabelled_fraction": 0.95,
        "unlabelled_most": 8,
    },
    "coco": {"scenes": 118287, "cameras": 1000, "empty_fraction": 0.458},
}


def make_options(
    layout: str, published_size: bool = False, **given
) -> SyntheticOptions:
    """Options of a layout: its defaults, its published size, then what is given.

    Args:
        layout: ``'prw'``, ``'cuhk_sysu'`` or ``'coco'``.
        published_size: Use the true numbers of pictures, identities and queries.
        given: Fields of :class:`SyntheticOptions`; None means "not given".
    """
    options = SyntheticOptions(layout, **_DEFAULTS.get(layout, {}))
    if given.get("harder"):
        options = replace(options, **_HARDER)
    if published_size:
        options = replace(options, **_PUBLISHED[layout])
    return replace(options, **{k: v for k, v in given.items() if v is not None})
