"""The views that momentum contrast compares, augmented as LUPerson's MoCo v2."""

from collections.abc import Mapping, Sequence
from typing import Literal

from mmpsearch.datasets.transforms.random_erasing import MEAN
from mmpsearch.datasets.transforms.views import (
    MultiView,
    sometimes_blurred,
    sometimes_grey,
)
from mmpsearch.registry import TRANSFORMS

Range = tuple[float, float]
PUBLISHED_HEIGHT = 256


def augmented_view(
    size: tuple[int, int],
    area: Range,
    mean: Sequence[float],
    erase: float,
    aspect: Range = (3 / 4, 4 / 3),
    jitter: Mapping[str, float] | None = None,
    grey: float = 0.2,
    blur: float = 0.5,
    erase_area: Range = (0.02, 0.6),
    backend: Literal["pillow", "cv2"] = "pillow",
) -> list[dict]:
    """Pipeline of a view: crop, colours, grey, blur, flip, erase.

    Args:
        size: (height, width) of the view.
        area: smallest and largest share of the crop's area.
        mean: colour (BGR) of what is erased; the normalisation's, so that it is 0.
        erase: how often a rectangle is erased.
        aspect: smallest and largest width / height of what is cut out.
        jitter: arguments of `mmpsearch.ColorJitter`; None: no jitter, as published.
        grey: how often a view is made grey.
        blur: how often it is blurred.
        erase_area: smallest and largest share that is erased.
        backend: what resizes; pillow's antialiases, which counts where crops are
            larger than views, cv2's is several times as fast.
    """
    colours = [] if jitter is None else [dict(type="mmpsearch.ColorJitter", **jitter)]
    return [
        dict(
            type="mmpretrain.RandomResizedCrop",
            scale=tuple(size),
            crop_ratio_range=tuple(area),
            aspect_ratio_range=tuple(aspect),
            interpolation="bilinear",
            backend=backend,
        ),
        *colours,
        sometimes_grey(grey),
        sometimes_blurred(blur, size[0], PUBLISHED_HEIGHT),
        dict(type="mmcv.RandomFlip", prob=0.5),
        dict(
            type="mmpsearch.RandomErasing",
            prob=erase,
            value="mean",
            mean=tuple(mean),
            area=tuple(erase_area),
            aspect=0.3,
        ),
    ]


@TRANSFORMS.register_module()
class ContrastViews(MultiView):
    """A query view and a key view, drawn alike, and the resized original image.

    LUPerson's recipe (its 'ori-cj+sre'), which UP-ReID takes over; the defaults are
    published ones, the blur scaled with the height of the views. Adds ``views``.

    Args:
        size: (height, width) of all views.
        original: whether the original image follows the two views.
        area: range of the share of the crop that a view shows.
        mean: mean colour (BGR) of the model's normalisation.
        erase: how often a rectangle of a view is erased.
        background: see :class:`MultiView`, of the original image too; not published.
        **view: further arguments of :func:`augmented_view`: ``aspect``, ``jitter``,
            ``grey``, ``blur``, ``erase_area``, ``backend``.
    """

    def __init__(
        self,
        size: tuple[int, int] = (256, 128),
        original: bool = True,
        area: Range = (0.2, 1.0),
        mean: Sequence[float] = MEAN,
        erase: float = 0.5,
        background: dict | None = None,
        **view,
    ) -> None:
        # antialiased, as the views: their similarities are compared with its
        resize = dict(type="mmcv.Resize", scale=(size[1], size[0]), backend="pillow")
        super().__init__(
            pipelines=(augmented_view(size, area, mean, erase, **view), [resize]),
            numbers=(2, int(original)),
            background=background,
        )
