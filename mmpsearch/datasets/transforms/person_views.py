"""The views that DINO and its followers show, in the proportions of people."""

from collections.abc import Sequence

from mmpsearch.datasets.transforms.views import SOMETIMES_GREY, MultiView
from mmpsearch.registry import TRANSFORMS

Size = tuple[int, int]
Range = tuple[float, float]


def random_view(
    size: Size, area: Range, aspect: Range, blur: float, solarise: float = 0.0
) -> list[dict]:
    """Pipeline of one kind of view: crop, flip, colours, blur.

    Args:
        size: (height, width) of the view.
        area: Smallest and largest share of the crop's area.
        aspect: Smallest and largest width / height of what is cut out.
        blur: How often it is blurred.
        solarise: How often bright values are inverted.
    """
    jitter = dict(
        type="mmpretrain.ColorJitter",
        brightness=0.4,
        contrast=0.4,
        saturation=0.2,
        hue=0.1,
        backend="cv2",
    )
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
        dict(type="mmcv.RandomApply", transforms=[jitter], prob=0.8),
        SOMETIMES_GREY,
        dict(
            type="mmpretrain.GaussianBlur",
            magnitude_range=(0.1, 2.0),
            magnitude_std="inf",
            prob=blur,
        ),
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
    """

    def __init__(
        self,
        global_size: Size = (256, 128),
        local_size: Size = (96, 64),
        local_views: int = 6,
        global_area: Range = (0.4, 1.0),
        local_area: Range = (0.1, 0.8),
        aspect: Range = (3 / 8, 2 / 3),
    ) -> None:
        super().__init__(
            pipelines=self.recipe(
                global_size, local_size, global_area, local_area, aspect
            ),
            numbers=(1, 1, local_views),
        )

    @staticmethod
    def recipe(
        global_size: Size,
        local_size: Size,
        global_area: Range,
        local_area: Range,
        aspect: Range,
    ) -> Sequence[list[dict]]:
        """The three pipelines."""
        return (
            random_view(global_size, global_area, aspect, blur=1.0),
            random_view(global_size, global_area, aspect, blur=0.1, solarise=0.2),
            random_view(local_size, local_area, aspect, blur=0.5),
        )
