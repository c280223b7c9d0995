from .color import ColorJitter
from .crops import FocusedCrop, RandomCropPair, SafeCrop
from .flip import RandomHorizontalFlip
from .formatting import PackPersonSearchInputs
from .loading import LoadImage
from .quantize import MinMaxDequantize, MinMaxQuantize
from .resize import PadToSize, RandomScale, RandomScaleShift, WindowResize

__all__ = [
    "ColorJitter",
    "FocusedCrop",
    "LoadImage",
    "MinMaxDequantize",
    "MinMaxQuantize",
    "PackPersonSearchInputs",
    "PadToSize",
    "RandomCropPair",
    "RandomHorizontalFlip",
    "RandomScale",
    "RandomScaleShift",
    "SafeCrop",
    "WindowResize",
]
