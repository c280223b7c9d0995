from .person_search import CUHKSYSU, PRW, COCOPersons, PersonSearchDataset
from .samplers import SeededIndex, ViewSampler

__all__ = [
    "COCOPersons",
    "CUHKSYSU",
    "PRW",
    "PersonSearchDataset",
    "SeededIndex",
    "ViewSampler",
]
