"""The views that momentum contrast compares, augmented as LUPerson's MoCo v2."""

from collections.abc import Sequence

from mmpsearch.datasets.transforms.random_erasing import MEAN
from mmpsearch.datasets.transforms.views import SOMETIMES_GREY, MultiView
from mmpsearch.registry import TRANSFORMS

Range = tuple[float, float]


def augmented_view(
    size: tuple[int, int], area: Range, mean: Sequence[float], erase: float
) -> list[dict]:
    """Pipeline of a view: crop, grey, blur, flip, erase; no colour jitter.

    Args:
        size: (height, width) of the view.
        area: smallest and largest share of the crop's area.
        mean: colour (BGR) of what is erased; the normalisation's, so that it is 0.
        erase: how often a rectangle is erased.
    """
    return [
        dict(
            type="mmpretrain.RandomResizedCrop",
            scale=tuple(size),
            crop_ratio_range=tuple(area),
            aspect_ratio_range=(3 / 4, 4 / 3),
            interpolation="bilinear",
            backend="pillow",
        ),
        SOMETIMES_GREY,
        dict(
            type="mmpretrain.GaussianBlur",
            magnitude_range=(0.1, 2.0),
            magnitude_std="inf",
            prob=0.5,
        ),
        dict(type="mmcv.RandomFlip", prob=0.5),
        dict(
            type="mmpsearch.RandomErasing",
            prob=erase,
            value="mean",
            mean=tuple(mean),
            area=(0.02, 0.6),
            aspect=0.3,
        ),
    ]


@TRANSFORMS.register_module()
class ContrastViews(MultiView):
    """A query view and a key view, drawn alike, and the resized original image.

    LUPerson's recipe (its 'ori-cj+sre'), which UP-ReID takes over. Adds ``views``.

    Args:
        size: (height, width) of all views.
        original: whether the original image follows the two views.
        area: range of the share of the crop that a view shows.
        mean: mean colour (BGR) of the model's normalisation.
        erase: how often a rectangle of a view is erased.
    """

    def __init__(
        self,
        size: tuple[int, int] = (256, 128),
        original: bool = True,
        area: Range = (0.2, 1.0),
        mean: Sequence[float] = MEAN,
        erase: float = 0.5,
    ) -> None:
        # antialiased, as the views: their similarities are compared with its
        resize = dict(type="mmcv.Resize", scale=(size[1], size[0]), backend="pillow")
        super().__init__(
            pipelines=(augmented_view(size, area, mean, erase), [resize]),
            numbers=(2, int(original)),
        )
