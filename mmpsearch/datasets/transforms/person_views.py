"""The views that DINO and its followers show, in the proportions of people."""

from mmpsearch.datasets.transforms.views import (
    MultiView,
    sometimes_blurred,
    sometimes_grey,
)
from mmpsearch.registry import TRANSFORMS

Size = tuple[int, int]
Range = tuple[float, float]

PUBLISHED_HEIGHTS = (256, 256, 96)  # of both global views and of a local one
# DINO's; applied to 80 % of the views.
JITTER = dict(
    type="mmpretrain.ColorJitter",
    brightness=0.4,
    contrast=0.4,
    saturation=0.2,
    hue=0.1,
    backend="cv2",
)


def random_view(
    size: Size,
    area: Range,
    aspect: Range,
    blur: float,
    published_height: int,
    solarise: float = 0.0,
    jitter: dict = JITTER,
    grey: float = 0.2,
) -> list[dict]:
    """Pipeline of one kind of view: crop, flip, colours, blur.

    Args:
        size: (height, width) of the view.
        area: Smallest and largest share of the crop's area.
        aspect: Smallest and largest width / height of what is cut out.
        blur: How often it is blurred.
        published_height: Of the view for which the blur was published.
        solarise: How often bright values are inverted.
        jitter: Transform that changes the colours of 80 % of the views.
        grey: How often a view is made grey.
    """
    return [
        dict(
            type="mmpretrain.RandomResizedCrop",
            scale=tuple(size),
            crop_ratio_range=tuple(area),
            aspect_ratio_range=tuple(aspect),
            interpolation="bicubic",
            backend="pillow",
        ),
        dict(type="mmcv.RandomFlip", prob=0.5),
        dict(type="mmcv.RandomApply", transforms=[dict(jitter)], prob=0.8),
        sometimes_grey(grey),
        sometimes_blurred(blur, size[0], published_height),
        dict(type="mmpretrain.Solarize", thr=128, prob=solarise),
    ]


@TRANSFORMS.register_module()
class PersonViews(MultiView):
    """Two global views, the second with other blur and solarisation, and local ones.

    PersonViT, section 4.2.1 and the last choice of Table 3; probabilities as in DINO
    and iBOT. Adds ``views``.

    Args:
        global_size: (height, width) of the global views.
        local_size: (height, width) of the local views.
        local_views: How many local views.
        global_area: Range of the share of the crop that a global view shows.
        local_area: The same for a local view.
        aspect: Range of width / height of what is cut out.
        jitter: Transform that changes the colours of 80 % of the views.
        grey: How often a view is made grey.
        blur: How often the first global view, the second and a local one are blurred;
            the strength is scaled with their height.
        solarise: How often bright values of the second global view are inverted.
        background: See :class:`MultiView`; not published.
    """

    def __init__(
        self,
        global_size: Size = (256, 128),
        local_size: Size = (96, 64),
        local_views: int = 6,
        global_area: Range = (0.4, 1.0),
        local_area: Range = (0.1, 0.8),
        aspect: Range = (3 / 8, 2 / 3),
        jitter: dict = JITTER,
        grey: float = 0.2,
        blur: tuple[float, float, float] = (1.0, 0.1, 0.5),
        solarise: float = 0.2,
        background: dict | None = None,
    ) -> None:
        sizes = (global_size, global_size, local_size)
        areas = (global_area, global_area, local_area)
        super().__init__(
            pipelines=[
                random_view(
                    *(size, area, aspect, often, height),
                    solarise=inverted,
                    jitter=jitter,
                    grey=grey,
                )
                for size, area, often, height, inverted in zip(
                    sizes,
                    areas,
                    blur,
                    PUBLISHED_HEIGHTS,
                    (0.0, solarise, 0.0),
                    strict=True,
                )
            ],
            numbers=(1, 1, local_views),
            background=background,
        )
