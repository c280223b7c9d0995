from mmpsearch.datasets.person_search.annotations import SceneAnnotations
from mmpsearch.datasets.person_search.base import PersonSearchDataset
from mmpsearch.datasets.person_search.coco_persons import COCOPersons
from mmpsearch.datasets.person_search.cuhk_sysu import CUHKSYSU
from mmpsearch.datasets.person_search.own import COCOPersonSearch, MOTPersonSearch
from mmpsearch.datasets.person_search.prw import PRW
from mmpsearch.errors import DataLayoutError

__all__ = [
    "COCOPersonSearch",
    "COCOPersons",
    "CUHKSYSU",
    "DataLayoutError",
    "MOTPersonSearch",
    "PRW",
    "PersonSearchDataset",
    "SceneAnnotations",
]
