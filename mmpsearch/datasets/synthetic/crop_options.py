"""What a synthetic re-identification data set consists of."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

CROP_LAYOUTS = (
    "market1501",
    "dukemtmc",
    "occluded_duke",
    "msmt17",
    "cuhk03",
    "personx",
    "luperson",
    "sysu_mm01",
    "regdb",
)
# Layouts of two modalities: number of cameras, and the infrared ones among them.
MODALITY_CAMERAS = {"sysu_mm01": (6, (2, 5)), "regdb": (2, (1,))}
_MOST_CAMERAS = {
    "market1501": 9,
    "dukemtmc": 9,
    "occluded_duke": 9,
    "msmt17": 99,
    "personx": 6,
}
_ONLY_IN = {
    "junk": ("market1501",),
    "distractors": ("market1501", "dukemtmc", "occluded_duke", "msmt17", "personx"),
}


@dataclass(frozen=True)
class CropOptions:
    """Everything that decides the pictures and lists of a data set of crops.

    Attributes:
        layout: One of ``CROP_LAYOUTS``.
        seed: Seed of people, cameras and pictures.
        identities: People of the training set.
        test_identities: Other people, of queries and gallery.
        crops: Training pictures, dealt evenly to people and cameras.
        queries: Query pictures; at most one per test person and camera. Layouts of
            two modalities: all infrared (RegDB: visible) pictures of the test people.
        gallery_crops: Gallery pictures of the test people; layouts of two modalities:
            all pictures of the other modality.
        distractors: Further gallery pictures: without person (Market-1501's id 0), or
            of people who are no query (DukeMTMC-reID).
        junk: Gallery files that the protocol leaves out: parts of people
            (Market-1501's id -1).
        cameras: Number of cameras; CUHK03: always 5 pairs of 2 views.
        first_camera: Number of the first; two data sets with disjoint numbers share
            no place, colour cast or noise.
        width, height: Size of the pictures.
    """

    layout: str
    seed: int = 0
    identities: int = 150
    test_identities: int = 80
    crops: int = 1200
    queries: int = 160
    gallery_crops: int = 480
    distractors: int = 0
    junk: int = 0
    cameras: int = 4
    first_camera: int = 0
    width: int = 48
    height: int = 96

    def __post_init__(self) -> None:
        if self.layout not in CROP_LAYOUTS:
            raise ValueError(
                f"layout={self.layout!r} is unknown; choose one of "
                f"{', '.join(CROP_LAYOUTS)}"
            )
        if self.identities < 1 or self.crops < self.identities:
            raise ValueError(
                f"identities={self.identities}, crops={self.crops}: at least one "
                "person, and a training picture of everyone, are needed"
            )
        if min(self.width, self.height) < 16:
            raise ValueError(
                f"size={self.width}x{self.height}: at least 16 pixels a side are needed"
            )
        for name, layouts in _ONLY_IN.items():
            if getattr(self, name) and self.layout not in layouts:
                raise ValueError(
                    f"{name}={getattr(self, name)}: the layout {self.layout} has none, "
                    f"only {', '.join(layouts)}"
                )
        if self.layout == "luperson":
            if self.cameras < 1:
                raise ValueError(f"cameras={self.cameras}: at least one is needed")
            return
        if self.layout in MODALITY_CAMERAS:
            self._check_modalities()
            return
        most = _MOST_CAMERAS.get(self.layout, 10)
        if not 2 <= self.cameras <= most:
            raise ValueError(
                f"cameras={self.cameras}: {self.layout} needs 2 to {most} cameras"
            )
        people, cameras = self.test_identities, self.cameras
        if people < 1 or not 1 <= self.queries <= people * cameras:
            raise ValueError(
                f"queries={self.queries}: need 1 to {people * cameras} for "
                f"{people} test people and {cameras} cameras"
            )
        if self.gallery_crops < 2 * people:
            raise ValueError(
                f"gallery_crops={self.gallery_crops}: at least 2 for each of "
                f"{people} test people are needed"
            )

    def _check_modalities(self) -> None:
        cameras, _ = MODALITY_CAMERAS[self.layout]
        if self.cameras != cameras:
            raise ValueError(
                f"cameras={self.cameras}: {self.layout} has exactly {cameras} cameras"
            )
        people = self.test_identities
        if self.identities < 2 or people < 1:
            raise ValueError(
                f"identities={self.identities}, test_identities={people}: at least "
                "two people in training and one in testing are needed"
            )
        if self.crops < cameras * self.identities:
            raise ValueError(
                f"crops={self.crops}: at least one of each of {self.identities} people "
                f"under each of {cameras} cameras is needed"
            )
        if min(self.queries, self.gallery_crops) < people:
            raise ValueError(
                f"queries={self.queries}, gallery_crops={self.gallery_crops}: at least "
                f"one of each of {people} test people is needed"
            )

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the pictures."""
        return self.width, self.height

    def to_dict(self) -> dict:
        """Plain values for the manifest."""
        return asdict(self)


_DEFAULTS: dict[str, dict] = {
    "market1501": {"distractors": 60, "junk": 40},
    "dukemtmc": {"distractors": 40},
    "occluded_duke": {"distractors": 40},
    "msmt17": {"cameras": 5},
    "cuhk03": {"cameras": 10},
    "personx": {"cameras": 6, "queries": 480},
    "luperson": {
        "identities": 600,
        "test_identities": 0,
        "crops": 1800,
        "queries": 0,
        "gallery_crops": 0,
        "first_camera": 100,
        "cameras": 12,
    },
    "sysu_mm01": {
        "test_identities": 60,
        "crops": 2700,
        "queries": 360,
        "gallery_crops": 720,
        "cameras": 6,
    },
    "regdb": {
        "identities": 60,
        "test_identities": 60,
        "crops": 600,
        "queries": 300,
        "gallery_crops": 300,
        "cameras": 2,
    },
}
_PUBLISHED: dict[str, dict] = {
    "market1501": dict(
        identities=751,
        test_identities=750,
        crops=12936,
        queries=3368,
        gallery_crops=13115,
        distractors=2798,
        junk=3819,
        cameras=6,
    ),
    "dukemtmc": dict(
        identities=702,
        test_identities=702,
        crops=16522,
        queries=2228,
        gallery_crops=17253,
        distractors=408,
        cameras=8,
    ),
    "occluded_duke": dict(
        identities=702,
        test_identities=519,
        crops=15618,
        queries=2210,
        gallery_crops=17070,
        distractors=591,
        cameras=8,
    ),
    "msmt17": dict(
        identities=1041,
        test_identities=3060,
        crops=32621,
        queries=11659,
        gallery_crops=82161,
        cameras=15,
    ),
    "cuhk03": dict(
        identities=767,
        test_identities=700,
        crops=7368,
        queries=1400,
        gallery_crops=5328,
    ),
    "personx": dict(
        identities=410,
        test_identities=856,
        crops=9840,
        queries=5136,
        gallery_crops=30816,
    ),
    "luperson": dict(identities=200_000, crops=4_180_243),
    "sysu_mm01": dict(
        identities=395,
        test_identities=96,
        crops=34167,
        queries=3803,
        gallery_crops=6775,
    ),
    "regdb": dict(
        identities=206,
        test_identities=206,
        crops=4120,
        queries=2060,
        gallery_crops=2060,
    ),
}


def make_crop_options(
    layout: str,
    published_size: bool = False,
    crops_per_identity: int | None = None,
    **given,
) -> CropOptions:
    """Options of a layout: its defaults, its published size, then what is given.

    Args:
        layout: One of ``CROP_LAYOUTS``.
        published_size: Use the true numbers of pictures and people.
        crops_per_identity: Pictures of every person, in training and in testing; of
            the latter one under each of two cameras is a query (with two modalities:
            the infrared share of them), unless ``queries`` is given.
        given: Fields of :class:`CropOptions`; None means "not given".
    """
    base = {field.name: field.default for field in fields(CropOptions)}
    base |= _DEFAULTS.get(layout, {})
    if published_size:
        base |= _PUBLISHED.get(layout, {})
    given = {key: value for key, value in given.items() if value is not None}
    asked = base | given | dict(layout=layout)
    if crops_per_identity or {"identities", "test_identities", "cameras"} & set(given):
        each = crops_per_identity or base["crops"] // base["identities"]
        searched = max(1, base["test_identities"])
        queries = base["queries"] // searched
        if layout in MODALITY_CAMERAS:
            cameras, infrared = MODALITY_CAMERAS[layout]
            if crops_per_identity:
                queries = crops_per_identity * len(infrared) // cameras
        else:
            queries = min(queries, asked["cameras"])
            if crops_per_identity:
                queries = min(2, queries)
        in_gallery = (crops_per_identity or 0) - queries
        if not crops_per_identity:
            in_gallery = base["gallery_crops"] // searched
        asked |= {
            "crops": each * asked["identities"],
            "queries": queries * asked["test_identities"],
            "gallery_crops": in_gallery * asked["test_identities"],
        } | given
    return CropOptions(**asked)
