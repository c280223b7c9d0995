from .color import ColorJitter
from .contrast_views import ContrastViews
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
from .raw_image import KeepRawImage, PackWithRawImage
from .reid_formatting import PackReIDInputs
from .resize import PadToSize, RandomScale, RandomScaleShift, WindowResize
from .scene_crop import CropPerson
from .teacher_crops import CutTeacherCrops, PackDistillationInputs
from .views import MultiView, PackViews

__all__ = [
    "AugMix",
    "AutoAugment",
    "ColorJitter",
    "ContrastViews",
    "CropPerson",
    "CutTeacherCrops",
    "FocusedCrop",
    "KeepRawImage",
    "LoadImage",
    "MinMaxDequantize",
    "MinMaxQuantize",
    "MultiView",
    "PackDistillationInputs",
    "PackPersonSearchInputs",
    "PackReIDInputs",
    "PackViews",
    "PackWithRawImage",
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
