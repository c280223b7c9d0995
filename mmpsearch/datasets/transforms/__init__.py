from .color import ColorJitter
from .crops import FocusedCrop, RandomCropPair, SafeCrop
from .flip import RandomHorizontalFlip
from .formatting import PackPersonSearchInputs
from .learned_augment import AugMix, AutoAugment
from .loading import LoadImage
from .pad_crop import PadCrop
from .patch_masks import PatchMasks
from .person_views import PersonViews
from .quantize import MinMaxDequantize, MinMaxQuantize
from .random_erasing import RandomErasing
from .reid_formatting import PackReIDInputs
from .resize import PadToSize, RandomScale, RandomScaleShift, WindowResize
from .views import MultiView, PackViews

__all__ = [
    "AugMix",
    "AutoAugment",
    "ColorJitter",
    "FocusedCrop",
    "LoadImage",
    "MinMaxDequantize",
    "MinMaxQuantize",
    "MultiView",
    "PackPersonSearchInputs",
    "PackReIDInputs",
    "PackViews",
    "PadCrop",
    "PadToSize",
    "PatchMasks",
    "PersonViews",
    "RandomCropPair",
    "RandomErasing",
    "RandomHorizontalFlip",
    "RandomScale",
    "RandomScaleShift",
    "SafeCrop",
    "WindowResize",
]
