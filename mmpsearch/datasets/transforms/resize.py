"""Resizing and padding."""

import numpy as np

from mmpsearch.datasets.transforms.base import WindowTransform
from mmpsearch.datasets.transforms.window import Window
from mmpsearch.registry import TRANSFORMS


def window_resize_shape(
    height: int, width: int, short: int = 900, long: int = 1500
) -> tuple[int, int]:
    """Size (h, w) at which an image just fits: short side, else long side exact.

    Sides are rounded half to even, as Python rounds.
    """
    smaller, larger = min(height, width), max(height, width)
    factor = long / larger if larger * (short / smaller) > long else short / smaller
    return max(1, round(height * factor)), max(1, round(width * factor))


def padding_window(size: tuple[int, int], height: int, width: int) -> Window:
    """The window of an image of ``size`` (h, w) centred in at least height x width.

    An odd pixel of padding goes to the right or the bottom.
    """
    rows, columns = max(0, height - size[0]), max(0, width - size[1])
    left, top = columns // 2, rows // 2
    right, bottom = columns - left, rows - top
    return Window.crop(-left, -top, size[1] + right, size[0] + bottom)


@TRANSFORMS.register_module()
class WindowResize(WindowTransform):
    """``wrs``: resize keeping the aspect ratio, by the short or the long side.

    The short side becomes ``short`` unless the long side would exceed ``long``, which
    then becomes ``long``.

    Args:
        short: Wanted short side.
        long: Largest long side.
        **kwargs: Of :class:`WindowTransform`.
    """

    def __init__(self, short: int = 900, long: int = 1500, **kwargs) -> None:
        super().__init__(**kwargs)
        self.short = short
        self.long = long

    def draw(self, results: dict) -> Window:
        old = results["img_shape"]
        new = window_resize_shape(*old, self.short, self.long)
        return Window.resize(old, new)


@TRANSFORMS.register_module()
class RandomScale(WindowTransform):
    """Resize by a random factor, keeping the aspect ratio.

    Args:
        scale_range: Least and largest factor. The published numbers come from
            (1.5, 3.0) although the paper says (0.5, 2.0): its code passes the
            paper's range to a library that adds one.
        **kwargs: Of :class:`WindowTransform`.
    """

    def __init__(self, scale_range: tuple[float, float] = (1.5, 3.0), **kwargs) -> None:
        super().__init__(**kwargs)
        self.scale_range = tuple(scale_range)

    @staticmethod
    def window(size: tuple[int, int], factor: float) -> Window:
        """The window for an image of size (h, w) and a drawn factor."""
        new = tuple(max(1, int(side * factor)) for side in size)
        return Window.resize(size, new)

    def draw(self, results: dict) -> Window:
        factor = np.random.uniform(*self.scale_range)
        return self.window(results["img_shape"], factor)


@TRANSFORMS.register_module()
class PadToSize(WindowTransform):
    """Pad an image to a least size, keeping it in the centre.

    Args:
        height: Least height.
        width: Least width.
        **kwargs: Of :class:`WindowTransform`.
    """

    def __init__(self, height: int, width: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.height = height
        self.width = width

    def draw(self, results: dict) -> Window:
        return padding_window(results["img_shape"], self.height, self.width)


@TRANSFORMS.register_module()
class RandomScaleShift(WindowTransform):
    """Enlarge or shrink the content and move it, at the image's own size.

    For small recipes: the output keeps the input's size, so that batches need no
    padding. What leaves the image is cut, what is missing is padded.

    Args:
        scale_range: Least and largest factor.
        max_shift: Largest move beyond the free space, as share of each side.
        **kwargs: Of :class:`WindowTransform`.
    """

    def __init__(
        self,
        scale_range: tuple[float, float] = (0.8, 1.25),
        max_shift: float = 0.05,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.scale_range = tuple(scale_range)
        self.max_shift = max_shift

    @staticmethod
    def window(
        size: tuple[int, int], factor: float, shift: tuple[float, float], margin: float
    ) -> Window:
        """The window of a drawn factor and position.

        Args:
            size: (h, w) of image and output.
            factor: Enlargement of the content.
            shift: Position across and down in [0, 1]: 0 and 1 are the ends of the
                free space enlarged by ``margin``, 0.5 is the centre.
            margin: See ``max_shift``.
        """
        begins, ends = [], []
        for side, position in zip(size[::-1], shift, strict=True):
            extent = max(1, round(side / factor))
            low = min(0, side - extent) - margin * extent
            high = max(0, side - extent) + margin * extent
            begin = round(low + position * (high - low))
            begins.append(begin)
            ends.append(begin + extent)
        return Window(*begins, *ends, *size)

    def draw(self, results: dict) -> Window:
        factor = np.random.uniform(*self.scale_range)
        shift = tuple(np.random.uniform(size=2))
        return self.window(results["img_shape"], factor, shift, self.max_shift)
