from ..io.errors import DataLayoutError
from .annotations import SceneAnnotations
from .base import PersonSearchDataset
from .coco_persons import COCOPersons
from .cuhk_sysu import CUHKSYSU
from .prw import PRW

__all__ = [
    "COCOPersons",
    "CUHKSYSU",
    "DataLayoutError",
    "PRW",
    "PersonSearchDataset",
    "SceneAnnotations",
]
