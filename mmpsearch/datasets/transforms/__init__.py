from mmpsearch.datasets.transforms.color import ColorJitter
from mmpsearch.datasets.transforms.contrast_views import ContrastViews
from mmpsearch.datasets.transforms.crops import FocusedCrop, RandomCropPair, SafeCrop
from mmpsearch.datasets.transforms.flip import RandomHorizontalFlip
from mmpsearch.datasets.transforms.formatting import PackPersonSearchInputs
from mmpsearch.datasets.transforms.learned_augment import AugMix, AutoAugment
from mmpsearch.datasets.transforms.loading import LoadImage
from mmpsearch.datasets.transforms.pad_crop import PadCrop
from mmpsearch.datasets.transforms.patch_masks import PatchMasks
from mmpsearch.datasets.transforms.person_views import PersonViews
from mmpsearch.datasets.transforms.quantize import MinMaxDequantize, MinMaxQuantize
from mmpsearch.datasets.transforms.random_erasing import RandomErasing
from mmpsearch.datasets.transforms.raw_image import KeepRawImage, PackWithRawImage
from mmpsearch.datasets.transforms.reid_formatting import PackReIDInputs
from mmpsearch.datasets.transforms.resize import (
    PadToSize,
    RandomScale,
    RandomScaleShift,
    WindowResize,
)
from mmpsearch.datasets.transforms.scene_crop import CropPerson
from mmpsearch.datasets.transforms.swap_background import SwapBackground
from mmpsearch.datasets.transforms.teacher_crops import (
    CutTeacherCrops,
    PackDistillationInputs,
)
from mmpsearch.datasets.transforms.views import MultiView, PackViews

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
    "SwapBackground",
    "WindowResize",
]
