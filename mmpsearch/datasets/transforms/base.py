"""Base class of the transforms that show a window of the image."""

from mmcv.transforms import BaseTransform

from mmpsearch.datasets.transforms.window import (
    MIN_VISIBILITY,
    PadValue,
    Window,
    apply_window,
)

# ImageNet's mean colour (BGR): zero after normalisation, as the batch padding is.
MEAN_COLOUR = (104, 116, 124)


class WindowTransform(BaseTransform):
    """Draw a window, then apply it to image and boxes.

    Args:
        pad_value: Colour of what lies outside the image: one value, or blue, green,
            red. Default: ImageNet's mean colour.
        min_visibility: Persons of whom less than this share of the box stays inside
            are dropped.
    """

    def __init__(
        self,
        pad_value: PadValue = MEAN_COLOUR,
        min_visibility: float = MIN_VISIBILITY,
    ) -> None:
        self.pad_value = pad_value if isinstance(pad_value, int) else tuple(pad_value)
        self.min_visibility = min_visibility

    def draw(self, results: dict) -> Window:
        """Choose the window, with NumPy's global generator where it is random."""
        raise NotImplementedError

    def transform(self, results: dict) -> dict:
        window = self.draw(results)
        return apply_window(results, window, self.pad_value, self.min_visibility)

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v!r}" for k, v in sorted(vars(self).items()))
        return f"{type(self).__name__}({settings})"
